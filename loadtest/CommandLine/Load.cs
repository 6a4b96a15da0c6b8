namespace LowLatency.LoadTest.CommandLine;

/// <summary>How much a verb asks of the target, where it is the verb that decides; null for what the user may say.</summary>
internal readonly record struct Load(long? Connections, double? Rate);
