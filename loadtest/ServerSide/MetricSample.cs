namespace LowLatency.LoadTest.ServerSide;

/// <summary>One line of a scrape.</summary>
internal sealed record MetricSample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);
