using System.Net.Sockets;
using LowLatency.Client.Connecting;
using LowLatency.Client.Tests.Hosting;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Tests.Hosting;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace LowLatency.Client.Tests.Contract;

public sealed class TcpTests : SpinningClientContract
{
    private protected override TestTransport Transport { get; } = new BusyPollTransport(AddressFamily.InterNetwork, ApplicationScheduling.Inline);

    [Theory(Timeout = Timeout)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_framing_a_byte_stream_takes_no_batch_and_says_so(bool awaited)
    {
        await using TestServer server = await Servers.EchoAsync(Transport, MessageFraming.None);
        await using LowLatencyClient client = await ConnectAsync(server, Options(MessageFraming.None));
        RequestBatch batch = client.CreateBatch();
        batch.Add("one"u8);
        batch.Add("two"u8);

        NotSupportedException error = await Assert.ThrowsAsync<NotSupportedException>(() => AskManyAsync(client, batch, awaited));

        Assert.Contains(server.Url(), error.Message, StringComparison.Ordinal);
        Assert.Equal("hola"u8.ToArray(), await AskAsync(client, "hola"));
    }
}

public sealed class UnixTests : SpinningClientContract
{
    private protected override TestTransport Transport { get; } = new BusyPollTransport(AddressFamily.Unix, ApplicationScheduling.Inline);
}

/// <summary>What other systems than Linux have, which works here as well.</summary>
public sealed class PortableTests : LowLatencyClientContract
{
    private protected override TestTransport Transport { get; } = new BusyPollTransport(AddressFamily.InterNetwork, ApplicationScheduling.Inline);

    private protected override IConnectionFactory CreateFactory() => new PortableConnectionFactory(NullLoggerFactory.Instance);
}
