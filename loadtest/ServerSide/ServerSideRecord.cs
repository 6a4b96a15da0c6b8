namespace LowLatency.LoadTest.ServerSide;

/// <summary>The same run as the server tells it.</summary>
internal sealed record ServerSideRecord;
