using FsCheck.Xunit;
using LowLatency.Core.Tests.Connections;
using Xunit;
using Kind = LowLatency.Framing;

namespace LowLatency.Core.Tests.Framing;

/// <summary>Messages keep their boundaries however the stream is cut.</summary>
[Properties(Arbitrary = [typeof(Streams)])]
public sealed class FramingTests
{
    private const int MaxMessageBytes = 20;

    [Property(MaxTest = 500)]
    public void Any_segmentation_of_any_lines_yields_the_replies_of_the_whole_stream(LineBytes stream, int[] cuts)
        => AssertRepliesOfWholeStream(Kind.Line, stream.Bytes, cuts);

    [Property(MaxTest = 500)]
    public void Any_segmentation_of_any_prefixed_messages_yields_the_replies_of_the_whole_stream(PrefixedBytes stream, int[] cuts)
        => AssertRepliesOfWholeStream(Kind.LengthPrefix, stream.Bytes, cuts);

    [Property(MaxTest = 500)]
    public void Any_garbage_is_cut_by_the_rules_of_the_framing(byte[] garbage, int[] cuts)
    {
        AssertRepliesOfWholeStream(Kind.Line, garbage, cuts);
        AssertRepliesOfWholeStream(Kind.LengthPrefix, garbage, cuts);
    }

    [Property]
    public void Without_framing_every_arrival_is_a_message(byte[][] arrivals)
    {
        using var connection = new InMemoryConnection();
        using ResponderConnectionHandler handler = Handler(Kind.None);
        Task serving = handler.OnConnectedAsync(connection);
        foreach (byte[] arrival in arrivals)
        {
            connection.Send(arrival);
        }

        Assert.Equal(arrivals.Where(arrival => arrival.Length > 0).SelectMany(arrival => (byte[])[(byte)'[', .. arrival, (byte)']']), connection.Replies);
        connection.HalfClose();
        Assert.True(serving.IsCompletedSuccessfully);
    }

    [Theory]
    [InlineData(Kind.Line, "one\ntwo\r\n\n\r\nfive\n", "[one]\n[two]\n[]\n[]\n[five]\n")]
    [InlineData(Kind.LengthPrefix, "\0\0\0\u0003one\0\0\0\0\0\0\0\u0002\r\n", "\0\0\0\u0005[one]\0\0\0\u0002[]\0\0\0\u0004[\r\n]")]
    public void One_byte_at_a_time_is_the_same_as_all_at_once(Kind framing, string stream, string replies)
    {
        Assert.Equal(replies, Serve(framing, [stream]));
        Assert.Equal(replies, Serve(framing, stream.Select(next => next.ToString())));
    }

    [Theory]
    [InlineData(Kind.Line, "one\ntw", "o\n", "[one]\n", "[two]\n")]
    [InlineData(Kind.LengthPrefix, "\0\0\0\u0001a\0\0", "\0\u0001b", "\0\0\0\u0003[a]", "\0\0\0\u0003[b]")]
    public void A_partial_tail_waits_for_its_rest(Kind framing, string first, string rest, string firstReply, string restReply)
    {
        using var connection = new InMemoryConnection();
        using ResponderConnectionHandler handler = Handler(framing);
        Task serving = handler.OnConnectedAsync(connection);
        connection.Send(first);
        Assert.Equal(firstReply, connection.ReplyText);
        Assert.False(serving.IsCompleted);
        connection.Send(rest);
        Assert.Equal(firstReply + restReply, connection.ReplyText);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10_000)]
    public void Messages_in_one_read_are_answered_in_their_order(int count)
    {
        IEnumerable<string> numbers = Enumerable.Range(0, count).Select(number => number.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(
            string.Concat(numbers.Select(number => $"[{number}]\n")),
            Serve(Kind.Line, [string.Concat(numbers.Select(number => $"{number}\n"))]));
    }

    [Fact]
    public void A_line_of_just_the_allowed_length_is_answered_with_either_ending()
    {
        string longest = new('x', MaxMessageBytes);
        Assert.Equal($"[{longest}]\n[{longest}]\n", Serve(Kind.Line, [longest + "\r", "\n" + longest, "\n"]));
    }

    [Fact]
    public void A_reply_that_ends_in_a_line_feed_gets_no_second_one()
    {
        using var connection = new InMemoryConnection();
        using var handler = new ResponderConnectionHandler(new FixedResponder("reply\n"u8.ToArray()), new ResponderOptions { Framing = Kind.Line });
        _ = handler.OnConnectedAsync(connection);
        connection.Send("a\nb\n");
        Assert.Equal("reply\nreply\n", connection.ReplyText);
    }

    private static ResponderConnectionHandler Handler(Kind framing)
        => new(new BracketResponder(), new ResponderOptions { Framing = framing, MaxMessageBytes = MaxMessageBytes });

    private static string Serve(Kind framing, IEnumerable<string> segments)
    {
        using var connection = new InMemoryConnection();
        using ResponderConnectionHandler handler = Handler(framing);
        Task serving = handler.OnConnectedAsync(connection);
        foreach (string segment in segments)
        {
            connection.Send(segment);
        }

        connection.HalfClose();
        Assert.True(serving.IsCompletedSuccessfully);
        return connection.ReplyText;
    }

    private static void AssertRepliesOfWholeStream(Kind framing, byte[] stream, int[] cuts)
    {
        using var connection = new InMemoryConnection();
        using ResponderConnectionHandler handler = Handler(framing);
        Task serving = handler.OnConnectedAsync(connection);
        int from = 0;
        foreach (int to in cuts.Select(cut => (int)((uint)cut % ((uint)stream.Length + 1))).Order().Append(stream.Length))
        {
            connection.Send(stream.AsSpan(from..to));
            from = to;
        }

        connection.HalfClose();
        Assert.True(serving.IsCompletedSuccessfully);
        Assert.Equal(NaiveFraming.Replies(framing, stream, MaxMessageBytes), connection.Replies);
    }
}
