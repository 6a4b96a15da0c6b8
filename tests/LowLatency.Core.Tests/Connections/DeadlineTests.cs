using LowLatency.Core.Tests.Metrics;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using Kind = LowLatency.Framing;

namespace LowLatency.Core.Tests.Connections;

/// <summary>Connections that make no headway are ended: never early, and at most two sweeps late.</summary>
public sealed class DeadlineTests : IDisposable
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Sweep = Timeout / 10;

    private readonly FakeTimeProvider _clock = new();
    private readonly RecordedMetrics _metrics = new();

    [Fact]
    public void A_silent_connection_is_ended_at_the_idle_timeout()
    {
        using var connection = new InMemoryConnection();
        Task serving = Serve(connection, new() { IdleTimeout = Timeout, ReplyTimeout = null });
        AssertEndsAtTheTimeout(serving, connection, "idle_timeout");
    }

    [Fact]
    public void A_message_starts_the_idle_timeout_anew()
    {
        using var connection = new InMemoryConnection();
        Task serving = Serve(connection, new() { IdleTimeout = Timeout, ReplyTimeout = null });
        for (int message = 0; message < 5; message++)
        {
            _clock.Advance(Timeout - Sweep - Sweep);
            connection.Send("still here");
        }

        Assert.False(serving.IsCompleted);
        Advance(Sweep);
        AssertEndsAtTheTimeout(serving, connection, "idle_timeout", alreadyWaited: Sweep);
    }

    [Theory]
    [InlineData(Kind.Line, "G")]
    [InlineData(Kind.LengthPrefix, "\0\0\0")]
    [InlineData(Kind.LengthPrefix, "\0\0\0d1")]
    public void A_message_that_drips_in_is_ended_at_the_message_timeout(Kind framing, string begin)
    {
        using var connection = new InMemoryConnection();
        Task serving = Serve(connection, new() { Framing = framing, MessageTimeout = Timeout, ReplyTimeout = null });
        connection.Send(begin);
        AssertEndsAtTheTimeout(serving, connection, "message_timeout", everySweep: () => connection.Send("d"));
    }

    [Theory]
    [InlineData(Kind.Line, "G")]
    [InlineData(Kind.LengthPrefix, "\0")]
    [InlineData(Kind.LengthPrefix, "\0\0\0d1")]
    public void A_message_that_does_not_go_on_is_ended_at_the_idle_timeout_where_it_has_none_of_its_own(Kind framing, string begin)
    {
        using var connection = new InMemoryConnection();
        Task serving = Serve(connection, new() { Framing = framing, IdleTimeout = Timeout, ReplyTimeout = null });
        connection.Send(begin);
        AssertEndsAtTheTimeout(serving, connection, "idle_timeout");
    }

    [Fact]
    public void A_message_whose_beginning_the_transport_holds_back_is_ended_at_the_message_timeout()
    {
        using var connection = new InMemoryConnection();
        bool holds = false;
        Task serving = Serve(connection, new() { MessageTimeout = Timeout, ReplyTimeout = null, PartialMessage = _ => () => holds });
        Advance(Timeout * 3);
        Assert.False(serving.IsCompleted);
        holds = true;
        AssertEndsAtTheTimeout(serving, connection, "message_timeout");
    }

    [Fact]
    public void A_message_that_goes_on_is_not_ended_at_the_idle_timeout()
    {
        using var connection = new InMemoryConnection();
        Task serving = Serve(connection, new() { Framing = Kind.Line, IdleTimeout = Timeout, ReplyTimeout = null });
        for (int part = 0; part < 5; part++)
        {
            connection.Send("part ");
            Advance(Timeout - Sweep - Sweep);
        }

        connection.Send("last\n");
        Assert.False(serving.IsCompleted);
        Assert.Equal(1, _metrics.Requests);
        Assert.Empty(_metrics.Errors);
    }

    [Fact]
    public void The_message_timeout_does_not_end_a_connection_between_messages()
    {
        using var connection = new InMemoryConnection();
        Task serving = Serve(connection, new() { Framing = Kind.Line, MessageTimeout = Timeout, ReplyTimeout = null });
        connection.Send("message\n");
        Advance(Timeout * 3);
        Assert.False(serving.IsCompleted);
    }

    [Fact]
    public void Each_message_of_a_slow_stream_has_the_whole_message_timeout()
    {
        using var connection = new InMemoryConnection();
        Task serving = Serve(connection, new() { Framing = Kind.Line, MessageTimeout = Timeout, ReplyTimeout = null });
        connection.Send("be");
        for (int message = 0; message < 5; message++)
        {
            Advance(Timeout - Sweep - Sweep);
            connection.Send("gun\nbe");
        }

        Assert.False(serving.IsCompleted);
        Assert.Equal(5, _metrics.Requests);
    }

    [Fact]
    public void A_client_that_does_not_take_its_reply_is_ended_at_the_reply_timeout()
    {
        using var connection = new InMemoryConnection(pauseRepliesAt: 1);
        Task serving = Serve(connection, new() { ReplyTimeout = Timeout });
        connection.Send("request");
        AssertEndsAtTheTimeout(serving, connection, "slow_reader");
        Assert.Equal(0, _metrics.Requests);
    }

    [Fact]
    public void A_client_that_takes_its_reply_late_but_in_time_goes_on()
    {
        using var connection = new InMemoryConnection(pauseRepliesAt: 1);
        Task serving = Serve(connection, new() { ReplyTimeout = Timeout });
        for (int message = 1; message <= 5; message++)
        {
            connection.Send("request");
            Advance(Timeout - Sweep - Sweep);
            Assert.Equal(message * "[request]".Length, connection.Replies.Length);
        }

        Advance(Timeout * 3);
        Assert.False(serving.IsCompleted);
        Assert.Empty(_metrics.Errors);
    }

    [Fact]
    public void A_disposed_handler_ends_nobody_any_more()
    {
        using var connection = new InMemoryConnection();
        var handler = new ResponderConnectionHandler(new BracketResponder(), new() { IdleTimeout = Timeout }, _metrics.Tcp, _clock);
        Task serving = handler.OnConnectedAsync(connection);
        handler.Dispose();
        Advance(Timeout * 3);
        Assert.False(serving.IsCompleted);
    }

    public void Dispose() => _metrics.Dispose();

    private Task Serve(InMemoryConnection connection, ResponderOptions options)
        => new ResponderConnectionHandler(new BracketResponder(), options, _metrics.Tcp, _clock).OnConnectedAsync(connection);

    private void AssertEndsAtTheTimeout(
        Task serving, InMemoryConnection connection, string error, TimeSpan alreadyWaited = default, Action? everySweep = null)
    {
        TimeSpan waited = alreadyWaited;
        for (; waited + Sweep < Timeout; waited += Sweep)
        {
            Advance(Sweep);
            everySweep?.Invoke();
            Assert.False(serving.IsCompleted, $"Ended after {waited + Sweep}.");
        }

        Advance(Sweep * 3);
        Assert.True(serving.IsCompletedSuccessfully);
        Assert.NotNull(connection.AbortReason);
        Assert.Equal(new() { [error] = 1 }, _metrics.Errors);
        Assert.Equal(0, _metrics.Connections);
    }

    // One sweep after the other, as a real clock would run them.
    private void Advance(TimeSpan time)
    {
        for (TimeSpan passed = TimeSpan.Zero; passed < time; passed += Sweep)
        {
            _clock.Advance(Sweep);
        }
    }
}
