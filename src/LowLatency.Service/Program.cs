using LowLatency.Service;

return await ServiceCommand.RunAsync(args);
