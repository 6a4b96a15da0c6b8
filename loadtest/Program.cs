using LowLatency.LoadTest.CommandLine;

using var interruption = new Interruption();
return LoadTestCommand.Invoke(args, Terminal.OfProcess, interruption.Token);
