using System.IO.Pipelines;
using LowLatency.Transports.Tests.Hosting;
using Microsoft.AspNetCore.Connections;
using Xunit;

namespace LowLatency.Transports.Tests.Contract;

public abstract partial class TransportContract
{
    public enum Moment
    {
        AtOnce,
        Idle,
        MidMessage,
        MidReply,
    }

    [Theory(Timeout = Timeout)]
    [InlineData(Moment.AtOnce)]
    [InlineData(Moment.Idle)]
    [InlineData(Moment.MidMessage)]
    [InlineData(Moment.MidReply)]
    public async Task A_reset_by_the_client_ends_its_connection_once_and_no_other(Moment moment)
    {
        const int Rounds = 20;
        byte[] large = Payload.Of(8 * 1024 * 1024);
        int handled = 0;
        int told = 0;
        await using TestServer server = await StartAsync(async connection =>
        {
            connection.ConnectionClosed.Register(() => Interlocked.Increment(ref told));
            Interlocked.Increment(ref handled);
            await AnswerWholeMessagesAsync(connection, large);
        });
        using Peer other = await server.ConnectAsync();
        await AskAsync(other);

        for (int round = 0; round < Rounds; round++)
        {
            using Peer peer = await server.ConnectAsync();
            switch (moment)
            {
                case Moment.Idle:
                    await AskAsync(peer);
                    break;

                case Moment.MidMessage:
                    await AskAsync(peer);
                    await peer.SendAsync("a");
                    break;

                case Moment.MidReply:
                    await peer.SendAsync("L!");
                    await peer.ReceiveExactlyAsync(100_000);
                    break;
            }

            peer.Reset();
            await AskAsync(other);
        }

        // Kestrel's own transport does not show a connection that was reset before it was taken up.
        other.ShutdownSend();
        await other.SeesTheEndAsync();
        await Eventually.IsTrue(() => server.OpenConnections == 0 && Volatile.Read(ref told) == Volatile.Read(ref handled), () => $"{server.OpenConnections} open, {told} told");
        if (moment != Moment.AtOnce)
        {
            Assert.Equal(Rounds + 1, told);
        }

        Assert.Empty(server.Logs.Warnings);
    }

    private static async Task AskAsync(Peer peer)
    {
        await peer.SendAsync("a!");
        Assert.Equal("ok", await peer.ReceiveTextAsync(2));
    }

    /// <summary>Answers every message, which ends in '!'; one that begins with 'L' gets a large reply. Ends quietly with the connection.</summary>
    private static async Task AnswerWholeMessagesAsync(ConnectionContext connection, byte[] large)
    {
        PipeReader input = connection.Transport.Input;
        try
        {
            while (true)
            {
                ReadResult read = await input.ReadAsync();
                string text = read.Text();
                bool whole = text.EndsWith('!');
                input.AdvanceTo(whole ? read.Buffer.End : read.Buffer.Start, read.Buffer.End);
                if (whole)
                {
                    FlushResult flushed = await connection.Transport.Output.WriteAsync(text[0] == 'L' ? large : "ok"u8.ToArray());
                    if (flushed.IsCompleted)
                    {
                        return;
                    }
                }

                if (read.IsCompleted)
                {
                    return;
                }
            }
        }
        catch (IOException)
        {
        }
    }
}
