using LowLatency.Internal;
using Microsoft.AspNetCore.Connections;

namespace LowLatency;

/// <summary>Answers the messages of a connection by an <see cref="IResponder"/>, over the connection's transport pipe.</summary>
/// <remarks>
/// <para>One handler serves all connections of an endpoint, on any transport that gives it a <see cref="ConnectionContext"/>.</para>
/// <para>
/// What a peer can do: half-close after a request, and still get the reply; reset, which is counted as <c>transport</c>; send
/// a message over the limit, which ends the connection after the replies to what came before it; stop reading, which ends it
/// after <see cref="ResponderOptions.ReplyTimeout"/>. When the server asks a connection to close
/// (<c>IConnectionLifetimeNotificationFeature</c>), what was read is answered first.
/// </para>
/// </remarks>
public sealed class ResponderConnectionHandler : ConnectionHandler, IDisposable
{
    private readonly IResponder _responder;
    private readonly ResponderOptions _options;
    private readonly TransportMetrics? _metrics;
    private readonly DeadlineSweep? _deadlines;

    /// <summary>Makes a handler.</summary>
    /// <param name="responder">Answers the messages.</param>
    /// <param name="options">Framing and limits.</param>
    /// <param name="metrics">Where requests are recorded; <c>null</c> for nowhere, which also saves the two clock reads.</param>
    public ResponderConnectionHandler(IResponder responder, ResponderOptions options, TransportMetrics? metrics = null)
        : this(responder, options, metrics, TimeProvider.System)
    {
    }

    internal ResponderConnectionHandler(IResponder responder, ResponderOptions options, TransportMetrics? metrics, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(responder);
        ArgumentNullException.ThrowIfNull(options);
        _responder = responder;
        _options = options;
        _metrics = metrics;
        _deadlines = DeadlineSweep.For(options, clock);
    }

    /// <inheritdoc/>
    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        var activity = new ConnectionActivity(connection, _metrics, _deadlines is null ? null : _options.PartialMessage?.Invoke(connection));
        _deadlines?.Add(activity);
        _metrics?.ConnectionOpened();
        try
        {
            await StartSession(connection, activity);
        }
        finally
        {
            _metrics?.ConnectionClosed();
            _deadlines?.Remove(activity);
        }
    }

    /// <summary>Ends the sweep over the connections' deadlines; connections go on without them.</summary>
    public void Dispose() => _deadlines?.Dispose();

    // A session has no ambient state: without it, each read resumes the session directly.
    private Task StartSession(ConnectionContext connection, ConnectionActivity activity)
    {
        using AsyncFlowControl suppressed = ExecutionContext.SuppressFlow();
        return RunSession(connection, activity);
    }

    private Task RunSession(ConnectionContext connection, ConnectionActivity activity) => _options.Framing switch
    {
        Framing.Line => RunSession(new LineFraming(_options.MaxMessageBytes), connection, activity),
        Framing.LengthPrefix => RunSession(new LengthPrefixFraming(_options.MaxMessageBytes), connection, activity),
        _ => RunSession(new NoFraming(), connection, activity),
    };

    private Task RunSession<TFraming>(TFraming framing, ConnectionContext connection, ConnectionActivity activity)
        where TFraming : struct, IMessageFraming
        => new ResponderSession<TFraming>(framing, connection, activity, _responder, _options, _metrics).RunAsync();
}
