using LowLatency.LoadTest.Connections;

namespace LowLatency.LoadTest.Workloads;

/// <summary>What a worker is to do.</summary>
/// <param name="Workload">What the whole run is.</param>
/// <param name="Sockets">What it connects by.</param>
/// <param name="Connections">Its share of the connections.</param>
/// <param name="Requests">Its share of the measured requests; <c>null</c> where their number is not given.</param>
/// <param name="Thread">Which of the threads it is, from 0.</param>
internal sealed record WorkerPlan(Workload Workload, ClientSockets Sockets, int Connections, long? Requests, int Thread = 0)
{
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
