using System.Buffers;
using LowLatency.Core.Tests.Metrics;
using Xunit;
using Kind = LowLatency.Framing;

namespace LowLatency.Core.Tests.Connections;

/// <summary>What is answered together and flushed together.</summary>
public sealed class BatchTests : IDisposable
{
    private readonly RecordedMetrics _metrics = new();

    [Fact]
    public void Nothing_written_is_no_reply_and_the_next_message_is_answered()
    {
        var silentOnce = new DelegateResponder((request, response) =>
        {
            if (request[0] != 'q')
            {
                response.Write(request);
            }
        });
        foreach (Kind framing in Enum.GetValues<Kind>())
        {
            using var quiet = new InMemoryConnection();
            Serve(silentOnce, new ResponderOptions { Framing = framing }, quiet);
            string prefix = framing == Kind.LengthPrefix ? "\0\0\0\u0001" : "";
            string ending = framing == Kind.Line ? "\n" : "";
            quiet.Send($"{prefix}q{ending}");
            Assert.Empty(quiet.Replies);
            quiet.Send($"{prefix}a{ending}");
            Assert.Equal($"{prefix}a{ending}", quiet.ReplyText);
        }
    }

    [Fact]
    public void Replies_over_the_pending_limit_leave_in_the_middle_of_a_batch()
    {
        // The first reply fills the way to the client: its flush waits, and the responder must not be asked again before.
        using var connection = new InMemoryConnection(pauseRepliesAt: 100);
        var answered = new List<string>();
        var responder = new DelegateResponder((request, response) =>
        {
            answered.Add(System.Text.Encoding.ASCII.GetString(request));
            response.Write(new byte[100]);
        });
        Serve(responder, new ResponderOptions { Framing = Kind.Line, MaxPendingReplyBytes = 100 }, connection);
        connection.Send("one\ntwo\nthree\n");

        Assert.Equal(["one"], answered);
        Assert.Equal(0, _metrics.Requests);
        Assert.Equal(303, connection.Replies.Length);
        Assert.Equal(["one", "two", "three"], answered);
        Assert.Equal(3, _metrics.Requests);
    }

    [Fact]
    public void Replies_under_the_pending_limit_leave_together()
    {
        using var connection = new InMemoryConnection(pauseRepliesAt: 100);
        int answered = 0;
        var responder = new DelegateResponder((_, response) =>
        {
            answered++;
            response.Write(new byte[100]);
        });
        Serve(responder, new ResponderOptions { Framing = Kind.Line, MaxPendingReplyBytes = 1000 }, connection);
        connection.Send("one\ntwo\nthree\n");

        Assert.Equal(3, answered);
        Assert.Equal(303, connection.Replies.Length);
    }

    [Fact]
    public void A_reply_much_larger_than_the_pending_limit_arrives_whole()
    {
        using var connection = new InMemoryConnection(pauseRepliesAt: 1000);
        byte[] large = [.. Enumerable.Range(0, 3_000_000).Select(index => (byte)index)];
        Serve(new FixedResponder(large), new ResponderOptions { Framing = Kind.LengthPrefix, MaxPendingReplyBytes = 100 }, connection);
        connection.Send("\0\0\0\0\0\0\0\0");

        byte[] frame = [.. Framing.NaiveFraming.Prefix(large.Length), .. large];
        Assert.Equal([.. frame, .. frame], connection.Replies);
        Assert.Equal(2, _metrics.Requests);
    }

    public void Dispose() => _metrics.Dispose();

    private void Serve(IResponder responder, ResponderOptions options, InMemoryConnection connection)
        => _ = new ResponderConnectionHandler(responder, options with { ReplyTimeout = null }, _metrics.Tcp).OnConnectedAsync(connection);
}
