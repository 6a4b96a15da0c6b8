using LowLatency.LoadTest.Baselines.Servers;

namespace LowLatency.LoadTest.Baselines;

/// <summary>All servers of a comparison, started once and stopped where they stand; at most one runs at a time.</summary>
internal sealed class Fleet : IDisposable
{
    private readonly Dictionary<Server, ServerProcess> _processes = [];

    private Fleet()
    {
    }

    /// <summary>Starts them one after the other.</summary>
    /// <exception cref="IOException">One did not come up.</exception>
    /// <exception cref="OperationCanceledException">Interrupted.</exception>
    public static Fleet Start(IEnumerable<Server> servers, Func<Demo.DemoEndpoints, LaunchSite> siteOf, Action<Server> watch, CancellationToken interrupted)
    {
        var fleet = new Fleet();
        try
        {
            foreach (Server server in servers.Distinct())
            {
                watch(server);
                fleet._processes.Add(server, ServerProcess.Start(server, siteOf, interrupted));
            }

            return fleet;
        }
        catch
        {
            fleet.Dispose();
            throw;
        }
    }

    public ServerProcess this[Server server] => _processes[server];

    public void Dispose()
    {
        // All of them first: they end at the same time.
        foreach (ServerProcess process in _processes.Values)
        {
            process.RequestEnd();
        }

        foreach (ServerProcess process in _processes.Values)
        {
            process.Dispose();
        }
    }
}
