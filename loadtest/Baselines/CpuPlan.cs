using LowLatency.Linux;

namespace LowLatency.LoadTest.Baselines;

/// <summary>Which CPUs belong to whom. No CPUs at all: nobody is bound, as where there is only one.</summary>
internal sealed record CpuPlan(IReadOnlyList<int> Client, IReadOnlyList<int> Server)
{
    /// <summary>What was asked for, and where nothing was, a CPU for the client and another one for the servers, if there are two.</summary>
    public static CpuPlan Of(IReadOnlyList<int> client, IReadOnlyList<int> server)
    {
        int[] usable = [.. CpuAffinity.Current];
        if (usable.Length < 2)
        {
            return new CpuPlan(client, server);
        }

        IReadOnlyList<int> clientOrDefault = client.Count > 0 ? client : [.. usable.Except(server).Take(1)];
        return new CpuPlan(clientOrDefault, server.Count > 0 ? server : [.. usable.Except(clientOrDefault).Take(1)]);
    }

    /// <summary>Where a server's one busy thread belongs.</summary>
    public int? BusyServerCpu => Server.Count > 0 ? Server[0] : null;
}
