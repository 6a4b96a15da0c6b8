using System.Diagnostics;
using System.Globalization;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Tests.Hosting;
using Xunit;

namespace LowLatency.Transports.Tests.SharedMemory;

/// <summary>Both halves of the transport asleep between any two messages, by the real bells.</summary>
public sealed class SleepTests
{
    private static readonly int Stress = int.Parse(Environment.GetEnvironmentVariable("LOWLATENCY_STRESS") ?? "1", CultureInfo.InvariantCulture);

    private static readonly TimeSpan Attaching = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Every_message_wakes_its_sleeper(int clients)
    {
        await using Siege siege = await Siege.StartAsync(
            options => (options.RingBytes, options.HandshakeTimeout) = (4096, Attaching),
            polling => polling.WaitStrategy = WaitStrategy.Blocking);

        await Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(() => AskAsync(siege, client), TestContext.Current.CancellationToken)));
    }

    private static async Task AskAsync(Siege siege, int client)
    {
        using Peer peer = await siege.Server.ConnectAsync();
        var attached = Stopwatch.StartNew();
        byte[] large = Payload.Of(9000, client);
        int messages = 10_000 * Stress;
        for (int message = 0; message < messages; message++)
        {
            // A timer makes a loop look every now and then. The only one is gone by then, and those messages count that come afterwards.
            if (attached.Elapsed < 2 * Attaching)
            {
                messages++;
            }

            // Now and then one that does not fit, so that both sides wait for room as well.
            byte[] bytes = message % 10 == 0 ? large : [(byte)message, (byte)client];
            await peer.SendAsync(bytes);
            Payload.Same(bytes, await peer.ReceiveExactlyAsync(bytes.Length).WaitAsync(Hanging.Patience, TestContext.Current.CancellationToken));
        }
    }
}
