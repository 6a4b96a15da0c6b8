using System.Globalization;
using System.Net;
using System.Net.Sockets;
using LowLatency.Linux;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Tests.Hosting;
using Xunit;

namespace LowLatency.Transports.Tests.BusyPoll;

/// <summary>Where there is no network between the two ends.</summary>
public sealed class LoopbackTests
{
    [Fact]
    public async Task A_connection_is_not_paced_as_it_would_be_on_a_network()
    {
        var transport = new BusyPollTransport(AddressFamily.InterNetwork, ApplicationScheduling.Inline);
        await using TestServer server = await TestServer.StartAsync(transport, Handlers.EchoAsync);
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(server.Address, TestContext.Current.CancellationToken);
        await client.SendAsync("abc"u8.ToArray());
        Assert.Equal(3, await client.ReceiveAsync(new byte[8]));

        int accepted = DescriptorOf((IPEndPoint)server.Address, (IPEndPoint)client.LocalEndPoint!);
        Assert.Equal((Errno.None, CongestionControl.Reno), (CongestionControl.TryGet(accepted, out string algorithm), algorithm));
    }

    /// <summary>This process's own end of a connection, by what the kernel lists.</summary>
    private static int DescriptorOf(IPEndPoint local, IPEndPoint remote)
    {
        string[] row = File.ReadLines("/proc/net/tcp").Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .First(columns => columns[1].EndsWith($":{local.Port:X4}", StringComparison.Ordinal) && columns[2].EndsWith($":{remote.Port:X4}", StringComparison.Ordinal));
        string target = $"socket:[{row[9]}]";
        string file = Directory.GetFiles("/proc/self/fd").First(file => new FileInfo(file).LinkTarget == target);
        return int.Parse(Path.GetFileName(file), CultureInfo.InvariantCulture);
    }
}
