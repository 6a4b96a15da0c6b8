using LowLatency.LoadTest.Demo;
using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.ServerSide;
using LowLatency.LoadTest.Workloads;
using LowLatency.Transports;

namespace LowLatency.LoadTest.Comparing;

/// <summary>Makes the runs of both sides.</summary>
/// <remarks>
/// A service is started anew for each run: where its memory lies and what its compiler made of it is decided once a process,
/// so that runs of one process are more alike than the service is to itself.
/// </remarks>
/// <param name="workload">What each run is; its target is the side's.</param>
/// <param name="transport">Which of a started service's endpoints is driven.</param>
/// <param name="measure">Makes a run, and asks a sidecar about it.</param>
/// <param name="interrupted">Ends the wait for a service.</param>
internal sealed class SideRunner(Workload workload, string transport, Func<Workload, Sidecar?, string, RunResult> measure, CancellationToken interrupted)
{
    /// <param name="side">What to measure.</param>
    /// <param name="sidecarOf">Whom to ask about a target that is there. A service that is started here has one of its own.</param>
    /// <param name="name">Which run it is.</param>
    /// <exception cref="IOException">The service did not start.</exception>
    /// <exception cref="OperationCanceledException">Interrupted while it started.</exception>
    public RunResult Run(Side side, Func<Workload, Sidecar?> sidecarOf, string name)
    {
        if (side.Target is EndpointUrl target)
        {
            Workload there = workload with { Target = target };
            return measure(there, sidecarOf(there), name);
        }

        using var endpoints = new DemoEndpoints();
        using var service = ServiceProcess.Start(side.Service ?? ServiceLocation.RequireBuilt(), endpoints, side.Settings);
        if (!service.WaitUntilReady(endpoints.Sidecar, interrupted))
        {
            throw new IOException($"the service of {name} did not become ready; it said: {service.Output}");
        }

        // Its settings may have switched the metrics off, and then there is nobody to ask.
        Workload here = workload with { Target = endpoints.All.First(endpoint => endpoint.Scheme == transport) };
        return measure(here, new Sidecar(endpoints.Sidecar, WasAskedFor: false), name);
    }
}
