using LowLatency.Transports.Tests.Hosting;
using Xunit;

namespace LowLatency.Transports.Tests.Contract;

public abstract partial class TransportContract
{
    [Fact(Timeout = Timeout)]
    public async Task Ten_thousand_connections_come_and_go_and_leave_nothing_behind()
    {
        const int Clients = 10;

        // More than ever connect: clients that leave at once may be far ahead of the server, and none is to be refused.
        const int Places = 11_000;
        var limit = new ConnectionLimit(Places);
        await using TestServer server = await TestServer.StartAsync(Transport, Handlers.EchoAsync, limit);
        await ConnectAndLeaveAsync(server, count: 10);
        int baseline = Descriptors.Count;

        await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(() => ConnectAndLeaveAsync(server, 10_000 / Clients))));

        await Eventually.IsTrue(() => server.OpenConnections == 0);
        await Descriptors.AreBackAt(baseline);
        await Eventually.IsTrue(() => FreePlaces(limit) == Places, () => $"{FreePlaces(limit)} places of {Places} are free.");
        Assert.Empty(server.Logs.Warnings);
    }

    // Takes all there are and gives them back.
    private static int FreePlaces(ConnectionLimit limit)
    {
        int free = 0;
        while (limit.TryEnter(null))
        {
            free++;
        }

        for (int place = 0; place < free; place++)
        {
            limit.Leave(null);
        }

        return free;
    }

    private static async Task ConnectAndLeaveAsync(TestServer server, int count)
    {
        for (int round = 0; round < count; round++)
        {
            using Peer peer = await server.ConnectAsync();
            switch (round % 4)
            {
                case 0:
                    await peer.SendAsync("abc");
                    await peer.ReceiveTextAsync(3);
                    peer.ShutdownSend();
                    await peer.SeesTheEndAsync();
                    break;

                case 1:
                    await peer.SendAsync("abc");
                    break;

                case 2:
                    peer.Reset();
                    break;
            }
        }
    }
}
