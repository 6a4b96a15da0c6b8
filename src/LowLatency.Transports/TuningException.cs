namespace LowLatency.Transports;

/// <summary>The machine did not give what the options require; the message says what is missing, on one line.</summary>
/// <param name="message">What is missing, and the remedy.</param>
public sealed class TuningException(string message) : Exception(message);
