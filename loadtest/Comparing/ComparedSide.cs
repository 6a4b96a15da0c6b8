using LowLatency.LoadTest.SavedReports;

namespace LowLatency.LoadTest.Comparing;

/// <summary>One of two sides that are compared, after its runs.</summary>
/// <param name="Name">What the user calls it.</param>
/// <param name="Runs">What it was measured to do.</param>
internal sealed record ComparedSide(string Name, IReadOnlyList<SavedRun> Runs);
