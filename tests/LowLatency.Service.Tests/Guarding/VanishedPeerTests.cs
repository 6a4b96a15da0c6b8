using System.Globalization;
using System.Net;
using LowLatency.Service.Tests.Running;
using Xunit;

namespace LowLatency.Service.Tests.Guarding;

/// <summary>What the kernel is told about a peer that may vanish. That it frees the slot is shown by <c>tests/faults.sh network</c>.</summary>
public sealed class VanishedPeerTests
{
    [Theory]
    [InlineData("BusyPoll")]
    [InlineData("Sockets")]
    public async Task A_silent_peer_is_probed_within_half_of_the_time_that_is_set(string transport)
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync(
            ["--LowLatency:Limits:VanishedPeerTimeout=00:20:00", .. ServiceProgram.Transport(transport, "Tcp")]);
        using ServiceClient client = await service.ConnectAsync();
        Assert.Equal("respuesta", await client.AskAsync("hola"));

        // Of the ten minutes a few are given to a busy machine. By the default it would be one, and by the kernel's own times 120.
        Assert.InRange(await UntilProbeAsync(service.Port("Tcp"), ((IPEndPoint)client.Socket.LocalEndPoint!).Port), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10.1));
    }

    // The kernel's table: local address, remote address, state, queues, and then "02:" with a keep-alive timer's rest in hundredths of a second.
    private static Task<TimeSpan> UntilProbeAsync(int localPort, int remotePort) => Deadline.UntilAsync(
        "keep-alive timer",
        async () => (await File.ReadAllLinesAsync("/proc/net/tcp", TestContext.Current.CancellationToken))
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(row => row[1].EndsWith($":{localPort:X4}", StringComparison.Ordinal) && row[2].EndsWith($":{remotePort:X4}", StringComparison.Ordinal))
            .Where(row => row[5].StartsWith("02:", StringComparison.Ordinal))
            .Select(row => TimeSpan.FromMilliseconds(10 * long.Parse(row[5][3..], NumberStyles.HexNumber, CultureInfo.InvariantCulture)))
            .FirstOrDefault(),
        rest => rest > TimeSpan.Zero);
}
