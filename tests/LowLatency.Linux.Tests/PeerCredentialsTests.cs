using System.Net;
using System.Net.Sockets;
using Xunit;

namespace LowLatency.Linux.Tests;

/// <summary>Either side of a Unix socket knows who the other is.</summary>
public sealed class PeerCredentialsTests
{
    [Fact]
    public void Both_sides_know_each_other()
    {
        using var pair = new UnixPair();
        foreach (StreamSocket side in new[] { pair.Client, pair.Server })
        {
            Assert.Equal(Errno.None, PeerCredentials.TryGet(side, out PeerCredentials peer));
            Assert.Equal(PeerCredentials.OfThisProcess, peer);
        }
    }

    [Fact]
    public void Groups_are_those_that_the_process_has()
    {
        using var pair = new UnixPair();
        string own = File.ReadLines("/proc/self/status").Single(line => line.StartsWith("Groups:", StringComparison.Ordinal));
        foreach (StreamSocket side in new[] { pair.Client, pair.Server })
        {
            Assert.Equal(Errno.None, PeerCredentials.TryGetGroups(side, out IReadOnlyList<uint> groups));
            Assert.Equal(own["Groups:".Length..].Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries).Select(uint.Parse).Order(), groups.Order());
        }
    }

    [Fact]
    public void The_process_is_who_the_kernel_says_it_is()
    {
        PeerCredentials own = PeerCredentials.OfThisProcess;
        string[] status = File.ReadAllLines("/proc/self/status");
        Assert.Equal((Environment.ProcessId, Effective(status, "Uid:"), Effective(status, "Gid:")), (own.Process, own.User, own.Group));
    }

    [Fact]
    public void TCP_has_no_credentials()
    {
        using var listening = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listening.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listening.Listen(1);
        Assert.Equal(Errno.None, new StreamConnector(listening.LocalEndPoint!).TryConnect(out StreamSocket? socket));
        using (socket)
        {
            Assert.Equal(Errno.NoData, PeerCredentials.TryGet(socket!, out _));
            Assert.Equal(Errno.NoData, PeerCredentials.TryGetGroups(socket!, out IReadOnlyList<uint> groups));
            Assert.Empty(groups);
        }
    }

    // Real, effective, saved, file system.
    private static uint Effective(string[] status, string key)
        => uint.Parse(status.Single(line => line.StartsWith(key, StringComparison.Ordinal)).Split('\t')[2], System.Globalization.CultureInfo.InvariantCulture);
}
