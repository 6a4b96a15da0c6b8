using LowLatency.LoadTest.Demo;
using LowLatency.LoadTest.Measurement;
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
/// <param name="measure">Makes a run.</param>
/// <param name="interrupted">Ends the wait for a service.</param>
internal sealed class SideRunner(Workload workload, string transport, Func<Workload, string, RunResult> measure, CancellationToken interrupted)
{
    /// <exception cref="IOException">The service did not start.</exception>
    /// <exception cref="OperationCanceledException">Interrupted while it started.</exception>
    public RunResult Run(Side side, string name)
    {
        if (side.Target is EndpointUrl target)
        {
            return measure(workload with { Target = target }, name);
        }

        using var endpoints = new DemoEndpoints();
        using var service = ServiceProcess.Start(side.Service ?? ServiceLocation.RequireBuilt(), endpoints, side.Settings);
        return service.WaitUntilReady(endpoints.Sidecar, interrupted)
            ? measure(workload with { Target = endpoints.All.First(endpoint => endpoint.Scheme == transport) }, name)
            : throw new IOException($"the service of {name} did not become ready; it said: {service.Output}");
    }
}
