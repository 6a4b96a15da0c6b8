using System.IO.Pipelines;
using System.Text;
using LowLatency.Client.Tests.Hosting;
using LowLatency.Transports.Tests.Hosting;
using Xunit;

namespace LowLatency.Client.Tests.Contract;

public abstract partial class LowLatencyClientContract
{
    [Theory(Timeout = Timeout)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_reply_that_comes_before_the_request_was_read_does_not_cut_the_request_short(bool awaited)
    {
        byte[] request = Payload.Of(8 * 1024 * 1024);
        byte[] reply = [0, 0, 0, 2, (byte)'o', (byte)'k'];
        await using TestServer server = await TestServer.StartAsync(Transport, async connection =>
        {
            (PipeReader input, PipeWriter output) = (connection.Transport.Input, connection.Transport.Output);
            ReadResult read = await input.ReadAsync();
            input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            await output.WriteAsync(reply);

            read = await Handlers.ReadAtLeastAsync(input, 4 + request.Length);
            input.AdvanceTo(read.Buffer.GetPosition(4 + request.Length));
            read = await Handlers.ReadAtLeastAsync(input, 8);
            Assert.Equal("\0\0\0\u0004hola", read.Text());
            input.AdvanceTo(read.Buffer.End);
            await output.WriteAsync(reply);
        });
        await using LowLatencyClient client = await ConnectAsync(server, Options());

        Assert.Equal(reply[4..], await AskAsync(client, request, 10, awaited));
        Assert.Equal(reply[4..], await AskAsync(client, "hola", awaited));
        await server.HandledAsync();
    }

    [Theory(Timeout = Timeout)]
    [MemberData(nameof(Ways))]
    public async Task A_request_of_any_size_is_answered(MessageFraming framing, bool awaited)
    {
        await using TestServer server = await Servers.EchoAsync(Transport, framing);
        await using LowLatencyClient client = await ConnectAsync(server, Options(framing));

        // What a byte stream delivers in one piece, and so as one message, is for the kernel to decide beyond a segment; where
        // messages are kept, the server reads longer ones in pieces.
        int longest = framing != MessageFraming.None ? 1024 * 1024 : KeepsMessages ? 64 * 1024 - 1 : 1_000;
        foreach (int length in new[] { 1, 2, 9, 63, 64, 65, 1_000, 4_095, 4_096, 16_383, 16_384, 65_535, 65_537, 1024 * 1024 }.Where(length => length <= longest))
        {
            byte[] request = Line(length, seed: length);

            Payload.Same(request, await AskAsync(client, request, room: length, awaited));
            Payload.Same(request, await AskAsync(client, request, room: length + 100, awaited));
        }
    }

    [Theory(Timeout = Timeout)]
    [MemberData(nameof(Ways))]
    public async Task One_request_after_another_gets_its_own_reply(MessageFraming framing, bool awaited)
    {
        await using TestServer server = await Servers.EchoAsync(Transport, framing);
        await using LowLatencyClient client = await ConnectAsync(server, Options(framing));

        for (int number = 0; number < 1_000; number++)
        {
            Assert.Equal($"request {number}", Encoding.ASCII.GetString(await AskAsync(client, $"request {number}", awaited)));
        }
    }

    [Fact(Timeout = Timeout)]
    public async Task Both_ways_of_waiting_mix_on_one_client()
    {
        await using TestServer server = await Servers.EchoAsync(Transport, MessageFraming.None);
        await using LowLatencyClient client = await ConnectAsync(server, Options(MessageFraming.None));

        for (int number = 0; number < 500; number++)
        {
            Assert.Equal($"request {number}", Encoding.ASCII.GetString(await AskAsync(client, $"request {number}", awaited: number % 3 == 0)));
        }
    }

    [Theory(Timeout = Timeout)]
    [InlineData("respuesta", "respuesta")]
    [InlineData("respuesta\n", "respuesta")]
    [InlineData("respuesta\r\n", "respuesta")]
    [InlineData("\r\n", "")]
    public async Task A_line_is_given_without_its_end(string sent, string expected)
    {
        await using TestServer server = await Servers.AnsweringAsync(Transport, MessageFraming.Line, new FixedResponder(Encoding.ASCII.GetBytes(sent)));
        await using LowLatencyClient client = await ConnectAsync(server, Options(MessageFraming.Line));
        byte[] reply = new byte[expected.Length];

        Assert.Equal(expected.Length, client.Ask("hola"u8, reply));
        Assert.Equal(expected.Length, client.Ask("hola\r\n"u8, reply));
        Assert.Equal(expected, Encoding.ASCII.GetString(reply));
    }

    [Theory(Timeout = Timeout)]
    [InlineData(MessageFraming.Line, "\0\0\0\u0003a\nb", "\0\0\0\u0003a\n")]
    [InlineData(MessageFraming.LengthPrefix, "\0\0\0\u0004a\r\nb", "a\r\nb")]
    public async Task A_reply_that_trickles_in_byte_by_byte_is_put_together(MessageFraming framing, string sent, string expected)
    {
        bool isLine = framing == MessageFraming.Line;
        await using TestServer server = await TestServer.StartAsync(Transport, async connection =>
        {
            await connection.Transport.Input.ReadAsync();
            foreach (char next in isLine ? "abc\r\n" : sent)
            {
                await connection.Transport.Output.WriteTextAsync(next.ToString());
                await Task.Yield();
            }

            await Handlers.DrainAsync(connection.Transport.Input);
        });
        await using LowLatencyClient client = await ConnectAsync(server, Options(framing));

        Assert.Equal(isLine ? "abc" : expected, Encoding.ASCII.GetString(await AskAsync(client, "hola")));
    }

    [Fact(Timeout = Timeout)]
    public async Task A_request_that_cannot_be_framed_is_refused_and_harms_nothing()
    {
        await using TestServer server = await Servers.EchoAsync(Transport, MessageFraming.Line);
        await using LowLatencyClient client = await ConnectAsync(server, Options(MessageFraming.Line));
        byte[] reply = new byte[100];

        Assert.Throws<ArgumentException>(() => client.Ask("one\ntwo"u8, reply));
        await Assert.ThrowsAsync<ArgumentException>(async () => await client.AskAsync("one\ntwo"u8.ToArray(), reply, Cancellation));
        Assert.Equal(3, client.Ask("one"u8, reply));
    }

    [Fact(Timeout = Timeout)]
    public async Task An_empty_request_is_a_message_only_where_there_is_framing()
    {
        byte[] reply = new byte[100];
        await using TestServer server = await Servers.AnsweringAsync(Transport, MessageFraming.LengthPrefix, new FixedResponder("respuesta"u8.ToArray()));
        await using LowLatencyClient framed = await ConnectAsync(server, Options(MessageFraming.LengthPrefix));
        await using LowLatencyClient bare = await ConnectAsync(server, Options(MessageFraming.None));

        Assert.Equal(9, framed.Ask([], reply));
        Assert.Throws<ArgumentException>(() => bare.Ask([], reply));
    }

    [Fact(Timeout = Timeout)]
    public async Task Many_clients_share_a_factory()
    {
        await using TestServer server = await Servers.EchoAsync(Transport, MessageFraming.Line);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(async number =>
        {
            await using LowLatencyClient client = await ConnectAsync(server, Options(MessageFraming.Line));
            for (int request = 0; request < 20; request++)
            {
                Assert.Equal($"{number}/{request}", Encoding.ASCII.GetString(await AskAsync(client, $"{number}/{request}", awaited: true)));
            }
        }));
    }
}
