using LowLatency.LoadTest.Connections;

namespace LowLatency.LoadTest.Workloads;

/// <summary>What a connection works with.</summary>
/// <param name="Exchange">What it sends and expects.</param>
/// <param name="Connector">Where it gets its wires from.</param>
/// <param name="Readiness">Who watches them.</param>
/// <param name="Index">Its number there.</param>
/// <param name="Buffer">Where it receives; all connections of a thread share it.</param>
/// <param name="Clock">What its times are from.</param>
internal sealed record ConnectionParts(
    Exchange Exchange, IConnector Connector, IReadiness Readiness, int Index, byte[] Buffer, TimeProvider Clock);
