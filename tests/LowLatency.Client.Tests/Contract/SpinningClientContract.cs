using LowLatency.Client.Tests.Hosting;
using LowLatency.Transports.Tests.Hosting;
using Xunit;

namespace LowLatency.Client.Tests.Contract;

/// <summary>What the client promises beyond that where it can send and look on the caller's own thread.</summary>
public abstract class SpinningClientContract : LowLatencyClientContract
{
    [Theory(Timeout = Timeout)]
    [InlineData(MessageFraming.None)]
    [InlineData(MessageFraming.Line)]
    [InlineData(MessageFraming.LengthPrefix)]
    public async Task A_hundred_thousand_requests_allocate_nothing(MessageFraming framing)
    {
        await using TestServer server = await Servers.EchoAsync(Transport, framing);
        await using LowLatencyClient client = await ConnectAsync(server, Options(framing));
        await OwnThread.RunAsync(() =>
        {
            byte[] reply = new byte[100];
            Ask(client, reply, 1_000);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Ask(client, reply, 100_000);
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        });
    }

    [Fact(Timeout = Timeout)]
    public async Task A_thousand_batches_allocate_nothing()
    {
        await using TestServer server = await Servers.EchoAsync(Transport, MessageFraming.Line);
        await using LowLatencyClient client = await ConnectAsync(server, Options(MessageFraming.Line));
        await OwnThread.RunAsync(() =>
        {
            RequestBatch batch = client.CreateBatch();
            AskMany(client, batch, 10);
            long before = GC.GetAllocatedBytesForCurrentThread();
            AskMany(client, batch, 1_000);
            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        });
    }

    private static void Ask(LowLatencyClient client, byte[] reply, int times)
    {
        for (int request = 0; request < times; request++)
        {
            Assert.True(client.Ask("hola"u8, reply) == 4);
        }
    }

    private static void AskMany(LowLatencyClient client, RequestBatch batch, int times)
    {
        for (int number = 0; number < times; number++)
        {
            for (int request = 0; request < 10; request++)
            {
                batch.Add("hola"u8);
            }

            client.AskMany(batch);
        }
    }
}
