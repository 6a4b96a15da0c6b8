namespace LowLatency.LoadTest.Searching;

/// <summary>A rate to be tried.</summary>
internal sealed record SearchTrial(double Rate, SearchPhase Phase);

/// <summary>A rate that was tried, and whether the objective held.</summary>
internal sealed record SearchStep(double Rate, SearchPhase Phase, bool Held);
