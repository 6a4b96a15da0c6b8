namespace LowLatency.LoadTest.Measurement;

/// <summary>What ended within one second of a run, all threads together.</summary>
/// <param name="Start">Since the beginning of the measured phase.</param>
/// <param name="Length">A second, or less for the last one.</param>
/// <param name="Ok">Good replies.</param>
/// <param name="Failed">Requests that came to anything else.</param>
/// <param name="Latencies">Response times of the good ones, to two digits instead of three: a long run has many of these.</param>
internal sealed record Interval(TimeSpan Start, TimeSpan Length, long Ok, long Failed, LatencyRecorder Latencies);
