using System.Globalization;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Tests.Hosting;
using Xunit;

namespace LowLatency.Transports.Tests.SharedMemory;

/// <summary>Both halves of the transport asleep between any two messages, by the real bells.</summary>
public sealed class SleepTests
{
    private static readonly int Stress = int.Parse(Environment.GetEnvironmentVariable("LOWLATENCY_STRESS") ?? "1", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Every_message_wakes_its_sleeper(int clients)
    {
        // A timer makes a loop look every now and then: the only one is gone soon.
        await using Siege siege = await Siege.StartAsync(
            options => (options.RingBytes, options.HandshakeTimeout) = (4096, TimeSpan.FromMilliseconds(100)),
            polling => polling.WaitStrategy = WaitStrategy.Blocking);

        await Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(() => AskAsync(siege, client), TestContext.Current.CancellationToken)));
    }

    private static async Task AskAsync(Siege siege, int client)
    {
        using Peer peer = await siege.Server.ConnectAsync();
        byte[] large = Payload.Of(9000, client);
        for (int message = 0; message < 10_000 * Stress; message++)
        {
            // Now and then one that does not fit, so that both sides wait for room as well.
            byte[] bytes = message % 10 == 0 ? large : [(byte)message, (byte)client];
            await peer.SendAsync(bytes);
            Payload.Same(bytes, await peer.ReceiveExactlyAsync(bytes.Length).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        }
    }
}
