using LowLatency.Fuzz.Driver;

return FuzzCommand.Run(args);
