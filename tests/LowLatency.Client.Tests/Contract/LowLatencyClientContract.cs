using LowLatency.Client.Tests.Hosting;
using LowLatency.Transports.Tests.Hosting;
using Microsoft.AspNetCore.Connections;
using Xunit;

namespace LowLatency.Client.Tests.Contract;

/// <summary>What the client owes to its caller on every transport, tested against real servers.</summary>
/// <remarks>Each part stands in a file of its own; each transport is a class of a few lines.</remarks>
public abstract partial class LowLatencyClientContract : IDisposable
{
    private protected const int Timeout = Hanging.After;

    // Far more than anything takes: the tests of timeouts set their own.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly bool[] Both = [false, true];

    private IConnectionFactory? _factory;

    private protected abstract TestTransport Transport { get; }

    /// <summary>The transport keeps messages apart, so that a client without framing can send anything.</summary>
    private protected virtual bool KeepsMessages => false;

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<MessageFraming, bool> Ways => new(
        from framing in Enum.GetValues<MessageFraming>()
        from awaited in Both
        select (framing, awaited));

    public static TheoryData<MessageFraming, bool> FramedWays => new(
        from framing in new[] { MessageFraming.Line, MessageFraming.LengthPrefix }
        from awaited in Both
        select (framing, awaited));

    public void Dispose()
    {
        (_factory as IDisposable)?.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected virtual IConnectionFactory CreateFactory() => Transport.CreateClient();

    private protected LowLatencyClientOptions Options(MessageFraming framing = MessageFraming.LengthPrefix)
        => new() { Framing = framing, ConnectionFactory = _factory ??= CreateFactory(), Tls = Transport.Tls, ConnectTimeout = Patience, AskTimeout = Patience };

    private protected static ValueTask<LowLatencyClient> ConnectAsync(TestServer server, LowLatencyClientOptions options)
        => LowLatencyClient.ConnectAsync(server.Url(), options, Cancellation);

    private protected static async Task<byte[]> AskAsync(LowLatencyClient client, byte[] request, int room, bool awaited)
    {
        byte[] reply = new byte[room];
        int length = awaited ? await client.AskAsync(request, reply, Cancellation) : client.Ask(request, reply);
        return reply[..length];
    }

    private protected static Task<byte[]> AskAsync(LowLatencyClient client, string request, bool awaited = false)
        => AskAsync(client, System.Text.Encoding.ASCII.GetBytes(request), 1000, awaited);

    private protected static async Task AskManyAsync(LowLatencyClient client, RequestBatch batch, bool awaited)
    {
        if (awaited)
        {
            await client.AskManyAsync(batch, Cancellation);
        }
        else
        {
            client.AskMany(batch);
        }
    }

    /// <summary>Bytes without an LF, and without a CR at the end.</summary>
    private protected static byte[] Line(int length, int seed = 1)
    {
        byte[] bytes = Payload.Of(length, seed);
        for (int index = 0; index < length; index++)
        {
            bytes[index] = (byte)('!' + (bytes[index] % 90));
        }

        return bytes;
    }
}
