using System.Buffers;
using System.IO.Pipelines;
using LowLatency.Core.Tests.Metrics;
using Microsoft.AspNetCore.Connections;
using Xunit;
using Kind = LowLatency.Framing;

namespace LowLatency.Core.Tests.Connections;

/// <summary>The ways in which a connection ends, from either side.</summary>
public sealed class ConnectionEndTests : IDisposable
{
    private readonly RecordedMetrics _metrics = new();
    private readonly InMemoryConnection _connection = new();

    [Fact]
    public void A_half_close_after_a_request_gets_the_reply_and_then_the_end()
    {
        Task serving = Serve(new BracketResponder());
        _connection.Send("request");
        _connection.HalfClose();

        Assert.True(serving.IsCompletedSuccessfully);
        Assert.Equal("[request]", _connection.ReplyText);
        Assert.True(_connection.RepliesEnded);
        AssertEnded(requests: 1);
    }

    [Fact]
    public void A_request_and_a_half_close_before_anybody_serves_get_the_reply_too()
    {
        _connection.Send("request");
        _connection.HalfClose();
        Task serving = Serve(new BracketResponder());

        Assert.True(serving.IsCompletedSuccessfully);
        Assert.Equal("[request]", _connection.ReplyText);
        Assert.True(_connection.RepliesEnded);
        AssertEnded(requests: 1);
    }

    [Fact]
    public void A_half_close_at_once_gets_the_end()
    {
        Task serving = Serve(new BracketResponder());
        _connection.HalfClose();

        Assert.True(serving.IsCompletedSuccessfully);
        Assert.Empty(_connection.Replies);
        AssertEnded(requests: 0);
    }

    [Theory]
    [InlineData(Kind.Line)]
    [InlineData(Kind.LengthPrefix)]
    public void A_half_close_in_the_middle_of_a_message_is_counted_as_protocol(Kind framing)
    {
        Task serving = Serve(new BracketResponder(), framing);
        _connection.Send("abc");
        _connection.HalfClose();

        Assert.True(serving.IsCompletedSuccessfully);
        AssertEnded(requests: 0, error: "protocol");
    }

    [Theory]
    [InlineData("")]
    [InlineData("in the middle of a message")]
    [InlineData("after a message\n")]
    public void A_reset_is_counted_as_transport_once(string before)
    {
        Task serving = Serve(new BracketResponder(), Kind.Line);
        _connection.Send(before);
        _connection.Reset();

        Assert.True(serving.IsCompletedSuccessfully);
        AssertEnded(requests: before.Count(next => next == '\n'), error: "transport");
    }

    [Fact]
    public void A_peer_that_breaks_the_protocol_of_the_transport_is_counted_as_protocol_once()
    {
        Task serving = Serve(new BracketResponder());
        _connection.Send("request");
        _connection.BreakProtocol();

        Assert.True(serving.IsCompletedSuccessfully);
        Assert.Equal("[request]", _connection.ReplyText);
        AssertEnded(requests: 1, error: "protocol");
    }

    public static TheoryData<Exception> WhatTransportsThrowAsWell =>
        [new InvalidDataException("a bug"), new IOException("a bug"), new OperationCanceledException("a bug"), new ConnectionResetException("a bug")];

    [Theory]
    [MemberData(nameof(WhatTransportsThrowAsWell))]
    public async Task What_a_transport_may_throw_goes_up_where_the_responder_throws_it(Exception bug)
    {
        Task serving = Serve(new DelegateResponder((_, _) => throw bug));
        _connection.Send("request");

        Assert.Same(bug, await Record.ExceptionAsync(() => serving));
        AssertEnded(requests: 0);
    }

    [Fact]
    public void A_reply_that_cannot_be_sent_because_the_peer_broke_the_protocol_is_counted_as_protocol()
    {
        Task serving = Serve(new DelegateResponder((_, reply) =>
        {
            reply.Write("reply"u8);
            _connection.StopReceiving();
            _connection.BreakProtocol();
        }));
        _connection.Send("request");

        Assert.True(serving.IsCompletedSuccessfully);
        AssertEnded(requests: 0, error: "protocol");
    }

    [Fact]
    public void A_reply_that_cannot_be_sent_any_more_is_no_answered_request_and_is_counted_as_transport()
    {
        Task serving = Serve(new BracketResponder());
        _connection.StopReceiving();
        _connection.Send("request");

        Assert.True(serving.IsCompletedSuccessfully);
        AssertEnded(requests: 0, error: "transport");
    }

    public static TheoryData<Exception> WhatStreamsThrow =>
        [new IOException("gone"), new ConnectionResetException("gone"), new ConnectionAbortedException("gone")];

    [Theory]
    [MemberData(nameof(WhatStreamsThrow))]
    public void A_reply_that_a_stream_does_not_take_is_counted_once_and_not_sent_again(Exception failure)
    {
        var encrypting = new BrokenStream(failure);
        _connection.Transport = new StreamDuplex(_connection.Transport.Input, PipeWriter.Create(encrypting));
        Task serving = Serve(new BracketResponder());
        _connection.Send("request");

        Assert.True(serving.IsCompletedSuccessfully);
        Assert.Equal(1, encrypting.Writes);
        AssertEnded(requests: 0, error: "transport");
    }

    [Fact]
    public void A_close_request_ends_a_silent_connection()
    {
        Task serving = Serve(new BracketResponder());
        _connection.RequestClose();

        Assert.True(serving.IsCompletedSuccessfully);
        AssertEnded(requests: 0);
    }

    [Fact]
    public void A_close_request_while_a_message_is_answered_lets_all_that_was_read_be_answered()
    {
        Task serving = Serve(
            new DelegateResponder((request, response) =>
            {
                _connection.RequestClose();
                response.Write(request);
            }),
            Kind.Line);
        _connection.Send("one\ntwo\nthr");

        Assert.True(serving.IsCompletedSuccessfully);
        Assert.Equal("one\ntwo\n", _connection.ReplyText);
        AssertEnded(requests: 2);
    }

    [Fact]
    public void A_close_request_before_anybody_serves_lets_all_that_came_be_answered()
    {
        _connection.Send("request");
        _connection.RequestClose();
        Task serving = Serve(new BracketResponder());

        Assert.True(serving.IsCompletedSuccessfully);
        Assert.Equal("[request]", _connection.ReplyText);
        Assert.True(_connection.RepliesEnded);
        AssertEnded(requests: 1);
    }

    [Fact]
    public async Task An_exception_of_the_responder_goes_up_and_ends_the_connection()
    {
        Task serving = Serve(new DelegateResponder((_, _) => throw new NotSupportedException("a bug")));
        _connection.Send("request");

        Assert.Equal("a bug", (await Assert.ThrowsAsync<NotSupportedException>(() => serving)).Message);
        AssertEnded(requests: 0);
    }

    public void Dispose()
    {
        _connection.Dispose();
        _metrics.Dispose();
    }

    private Task Serve(IResponder responder, Kind framing = Kind.None)
    {
        // Without deadlines: nothing but the end itself can end a connection here.
        var handler = new ResponderConnectionHandler(responder, new ResponderOptions { Framing = framing, ReplyTimeout = null }, _metrics.Tcp);
        return handler.OnConnectedAsync(_connection);
    }

    private void AssertEnded(int requests, string? error = null)
    {
        Assert.Equal(requests, _metrics.Requests);
        Assert.Equal(requests, _metrics.Durations);
        Assert.Equal(error is null ? [] : new Dictionary<string, long> { [error] = 1 }, _metrics.Errors);
        Assert.Equal(0, _metrics.Connections);
        Assert.Null(_connection.AbortReason);
    }

    private sealed record StreamDuplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    /// <summary>As TLS over a connection that has been reset.</summary>
    private sealed class BrokenStream(Exception failure) : MemoryStream
    {
        internal int Writes { get; private set; }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Writes++;
            return ValueTask.FromException(failure);
        }
    }
}
