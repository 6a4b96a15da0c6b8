using LowLatency.Core.Tests.Connections;
using LowLatency.Core.Tests.Metrics;
using Xunit;
using Kind = LowLatency.Framing;

namespace LowLatency.Core.Tests.Framing;

/// <summary>A message over the limit ends the connection, after the replies to what came before it.</summary>
public sealed class MessageLimitTests : IDisposable
{
    private readonly RecordedMetrics _metrics = new();
    private readonly InMemoryConnection _connection = new();

    [Theory]
    [InlineData("\u00FF\u00FF\u00FF\u00FF")]
    [InlineData("\u0080\0\0\0")]
    [InlineData("\0\u0001\0\u0001")]
    public void A_length_over_the_limit_is_refused_at_once_and_nothing_is_allocated_for_it(string prefix)
    {
        using ResponderConnectionHandler handler = Handler(Kind.LengthPrefix, 64 * 1024);
        Task serving = handler.OnConnectedAsync(_connection);
        long before = GC.GetAllocatedBytesForCurrentThread();
        _connection.Send(prefix);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 32 * 1024);
        AssertRefused(serving);
    }

    [Fact]
    public void A_length_of_just_the_limit_is_waited_for()
    {
        using ResponderConnectionHandler handler = Handler(Kind.LengthPrefix, 64 * 1024);
        Task serving = handler.OnConnectedAsync(_connection);
        _connection.Send("\0\u0001\0\0");
        Assert.False(serving.IsCompleted);
    }

    [Theory]
    [InlineData("12345678\n")]
    [InlineData("12345678\r\n")]
    [InlineData("123456789")]
    [InlineData("1234567\r9")]
    public void A_line_over_the_limit_is_refused_whether_or_not_it_has_ended(string line)
    {
        using ResponderConnectionHandler handler = Handler(Kind.Line, 7);
        Task serving = handler.OnConnectedAsync(_connection);
        _connection.Send(line);
        AssertRefused(serving);
    }

    [Theory]
    [InlineData(Kind.Line, "a\nb\ntoo large\nnever seen\n", "[a]\n[b]\n")]
    [InlineData(Kind.LengthPrefix, "\0\0\0\u0001a\0\0\0\u0001b\0\0\0\u0008", "\0\0\0\u0003[a]\0\0\0\u0003[b]")]
    public void Messages_before_one_over_the_limit_are_answered(Kind framing, string stream, string replies)
    {
        using ResponderConnectionHandler handler = Handler(framing, 7);
        Task serving = handler.OnConnectedAsync(_connection);
        _connection.Send(stream);
        Assert.Equal(replies, _connection.ReplyText);
        AssertRefused(serving);
        Assert.Equal(2, _metrics.Requests);
    }

    [Fact]
    public void Nothing_behind_a_message_over_the_limit_is_answered_after_a_flush_in_the_middle_of_the_batch()
    {
        using var handler = new ResponderConnectionHandler(
            new BracketResponder(), new ResponderOptions { Framing = Kind.Line, MaxMessageBytes = 7, MaxPendingReplyBytes = 4 }, _metrics.Tcp);
        Task serving = handler.OnConnectedAsync(_connection);
        _connection.Send("a\nb\n\ntoo large\nnever\n");
        Assert.Equal("[a]\n[b]\n[]\n", _connection.ReplyText);
        AssertRefused(serving);
    }

    [Fact]
    public void Nothing_behind_a_message_over_the_limit_is_answered_after_a_flush_that_waited()
    {
        using var connection = new InMemoryConnection(pauseRepliesAt: 4);
        using ResponderConnectionHandler handler = Handler(Kind.Line, 7);
        Task serving = handler.OnConnectedAsync(connection);
        connection.Send("a\nb\ntoo large\nnever\n");
        Assert.Equal("[a]\n[b]\n", connection.ReplyText);
        Assert.True(serving.IsCompletedSuccessfully);
        Assert.Equal(new() { ["message_too_large"] = 1 }, _metrics.Errors);
    }

    public void Dispose()
    {
        _connection.Dispose();
        _metrics.Dispose();
    }

    private ResponderConnectionHandler Handler(Kind framing, int maxMessageBytes) => new(
        new BracketResponder(), new ResponderOptions { Framing = framing, MaxMessageBytes = maxMessageBytes }, _metrics.Tcp);

    private void AssertRefused(Task serving)
    {
        Assert.True(serving.IsCompletedSuccessfully);
        Assert.Equal(new() { ["message_too_large"] = 1 }, _metrics.Errors);
        _ = _connection.Replies;
        Assert.True(_connection.RepliesEnded);
    }
}
