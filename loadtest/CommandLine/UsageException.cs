namespace LowLatency.LoadTest.CommandLine;

/// <summary>The user asked for something that does not exist. The message is one line: what, and what is allowed.</summary>
internal sealed class UsageException(string message) : Exception(message);
