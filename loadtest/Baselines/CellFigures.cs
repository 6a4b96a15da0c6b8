namespace LowLatency.LoadTest.Baselines;

/// <summary>What one cell came to in one round; <c>null</c> where the sample cannot carry a figure.</summary>
internal sealed record CellFigures(double? P50, double? P99, double? RequestsPerSecond, double? CpuPerRequest, long Failures);
