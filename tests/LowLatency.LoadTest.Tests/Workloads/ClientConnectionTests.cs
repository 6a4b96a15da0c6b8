using LowLatency.Linux;
using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.Tests.Workloads;

/// <summary>What is too rare, or too quick, to be had from a real server.</summary>
public sealed class ClientConnectionTests : IDisposable
{
    private readonly ScriptedWire _wire = new();
    private readonly ClientConnection _connection;

    public ClientConnectionTests()
        => _connection = Connection(new Exchange("hola"u8.ToArray(), "respuesta"u8.ToArray(), TimesConnect: false));

    [Fact]
    public void Bytes_that_wait_before_a_request_is_sent_spoil_it()
    {
        _connection.Open();
        _wire.Arrivals.Enqueue("respuesta"u8.ToArray());
        Assert.Equal(Outcome.BadReply, _connection.Begin());
    }

    [Fact]
    public void A_reply_too_many_is_found_within_the_requests_between_two_looks()
    {
        byte[] reply = "respuesta"u8.ToArray();
        _connection.Open();
        Assert.Null(_connection.Begin());
        _wire.Arrivals.Enqueue(reply);
        _wire.Arrivals.Enqueue(reply);
        Outcome? outcome = _connection.Advance();
        int requests = 1;
        while (outcome == Outcome.Ok && requests <= ClientConnection.RequestsBetweenLooks + 1)
        {
            // From here on every request gets the reply of the one before.
            outcome = _connection.Begin();
            _wire.Arrivals.Enqueue(reply);
            outcome ??= _connection.Advance();
            requests++;
        }

        Assert.Equal(Outcome.BadReply, outcome);
        Assert.InRange(requests, 2, ClientConnection.RequestsBetweenLooks + 2);
    }

    [Fact]
    public void Where_a_look_costs_nothing_every_request_is_preceded_by_one()
    {
        _wire.LooksAreCheap = true;
        _connection.Open();
        Assert.Null(_connection.Begin());
        _wire.Arrivals.Enqueue("respuesta"u8.ToArray());
        Assert.Equal(Outcome.Ok, _connection.Advance());
        _wire.Arrivals.Enqueue("respuesta"u8.ToArray());
        Assert.Equal(Outcome.BadReply, _connection.Begin());
    }

    [Fact]
    public void An_end_that_waits_before_a_request_is_sent_is_eof()
    {
        _connection.Open();
        _wire.Arrivals.Enqueue([]);
        Assert.Equal(Outcome.Eof, _connection.Begin());
    }

    [Fact]
    public void A_send_that_fails_on_a_connection_is_a_write_error()
    {
        _connection.Open();
        _wire.Sends.Enqueue(IoResult.Failed(Errno.BrokenPipe));
        Assert.Equal(Outcome.WriteError, _connection.Begin());
        Assert.Equal(Errno.BrokenPipe, _connection.Reason);
    }

    [Fact]
    public void A_connect_that_is_refused_later_is_a_connect_error()
    {
        _wire.Sends.Enqueue(IoResult.Failed(Errno.Again));
        _wire.Sends.Enqueue(IoResult.Failed(Errno.ConnectionRefused));

        Assert.Null(_connection.Begin());
        Assert.True(_wire.WaitsForSending);
        Assert.Equal(Outcome.ConnectError, _connection.Advance());
        Assert.False(_connection.WasEstablished);
    }

    [Fact]
    public void A_full_backlog_is_tried_again()
    {
        _wire.Connects.Enqueue(Errno.Again);
        Assert.Null(_connection.Begin());
        Assert.True(_connection.IsOpening);
        Assert.Null(_connection.Advance());
        Assert.False(_connection.IsOpening);
    }

    [Fact]
    public void A_connect_that_takes_too_long_is_a_connect_error()
    {
        _wire.Connects.Enqueue(Errno.Again);
        _connection.Begin();
        Assert.Equal(Outcome.ConnectError, _connection.Expire());
    }

    [Fact]
    public void A_request_that_goes_out_in_pieces_is_finished_when_there_is_room()
    {
        _connection.Open();
        _wire.Sends.Enqueue(IoResult.Done(2));
        _wire.Sends.Enqueue(IoResult.Failed(Errno.Again));

        Assert.Null(_connection.Begin());
        Assert.True(_wire.WaitsForSending);
        Assert.Null(_connection.Advance());
        Assert.False(_wire.WaitsForSending);

        _wire.Arrivals.Enqueue("respues"u8.ToArray());
        _wire.Arrivals.Enqueue("ta"u8.ToArray());
        Assert.Equal(Outcome.Ok, _connection.Advance());
        Assert.True(_connection.ReceivedAt >= _connection.StartedAt);
    }

    [Fact]
    public void The_wait_for_a_new_connection_is_no_latency_unless_it_is_asked_for()
    {
        ClientConnection timed = Connection(new Exchange([1], [2], TimesConnect: true));
        foreach ((ClientConnection connection, bool startsWithConnect) in new[] { (timed, true), (_connection, false) })
        {
            _wire.Sends.Enqueue(IoResult.Failed(Errno.Again));
            connection.Begin();
            connection.Advance();
            Assert.Equal(startsWithConnect, connection.StartedAt == connection.WaitingSince);
        }
    }

    private ClientConnection Connection(Exchange exchange) => new(new ConnectionParts(exchange, _wire, _wire, 0, new byte[1024], TimeProvider.System));

    public void Dispose() => _wire.Dispose();
}
