using LowLatency.LoadTest.Measurement;

namespace LowLatency.LoadTest.Hiccups;

/// <summary>How long threads that only wanted to run were not run while a workload was measured.</summary>
/// <param name="Total">All of them.</param>
/// <param name="Notable">Those worth a name, by time.</param>
internal sealed record HiccupRecord(LatencyRecorder Total, IReadOnlyList<Hiccup> Notable);

/// <param name="StartTicks">When it began, in Stopwatch ticks.</param>
/// <param name="Nanoseconds">How long it was.</param>
internal readonly record struct Hiccup(long StartTicks, long Nanoseconds);
