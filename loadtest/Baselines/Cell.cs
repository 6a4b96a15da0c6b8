using LowLatency.LoadTest.Baselines.Servers;

namespace LowLatency.LoadTest.Baselines;

/// <summary>What is measured once a round: a server under a load. Rows that need the same cell share it.</summary>
internal sealed record Cell(Server Server, Load Load)
{
    public override string ToString() => $"{Load}, {Server.Title}";
}
