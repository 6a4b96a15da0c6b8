using System.Globalization;
using System.Net.Sockets;
using LowLatency.Client.Exchanges;
using LowLatency.Transports;
using LowLatency.Transports.Tls;
using LowLatency.Transports.Tls.Internal;
using Microsoft.AspNetCore.Connections;

namespace LowLatency.Client.Connecting;

/// <summary>Whom a client talks to: connects, and puts into words what went wrong with it.</summary>
internal sealed class Target
{
    private readonly EndpointUrl _url;
    private readonly IConnectionFactory _connections;
    private readonly TlsEndPoint? _encrypted;

    /// <param name="url">Where it is.</param>
    /// <param name="connections">Connects; <c>null</c> for the process's own.</param>
    /// <param name="tls">For a URL of TLS; <c>null</c> for the defaults.</param>
    /// <exception cref="ArgumentException">There are options for TLS, and the URL is of clear text.</exception>
    internal Target(EndpointUrl url, IConnectionFactory? connections, ClientTlsOptions? tls)
    {
        _url = url;
        _connections = connections ?? LowLatencyConnectionFactory.Shared;
        if (url.EndPoint is TlsEndPoint target)
        {
            _encrypted = tls is null ? target : new TlsEndPoint(target.Address, target.Host) { Options = tls };
        }
        else if (tls is not null)
        {
            throw new ArgumentException($"{url}: there are options for TLS, and this would be clear text; allowed: tls://ADDRESS:PORT", nameof(url));
        }
    }

    /// <exception cref="ArgumentException">It is no endpoint URL.</exception>
    internal static EndpointUrl Parse(string url)
        => EndpointUrl.TryParse(url, out EndpointUrl? parsed, out string? error) ? parsed : throw new ArgumentException(error, nameof(url));

    /// <exception cref="LowLatencyClientException">The connect failed.</exception>
    /// <exception cref="TimeoutException">It took too long.</exception>
    internal async ValueTask<ConnectionContext> ConnectAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(timeout);
        try
        {
            return _encrypted is null
                ? await _connections.ConnectAsync(_url.EndPoint, deadline.Token)
                : await TlsConnecting.ConnectAsync(_connections, _encrypted, deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && deadline.IsCancellationRequested)
        {
            throw new TimeoutException($"{_url}: no connection within {Text(timeout)}.");
        }
        catch (TlsHandshakeException exception)
        {
            throw new LowLatencyClientException(ClientFailure.HandshakeFailed, $"{_url}: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            throw new LowLatencyClientException(ClientFailure.ConnectFailed, $"{_url}: {exception.Message}", exception);
        }
    }

    internal Exception Failure(ExchangeOutcome outcome, TimeSpan timeout, int maxReplyBytes) => outcome switch
    {
        ExchangeOutcome.TimedOut => new TimeoutException($"{_url}: no complete reply within {Text(timeout)}; the connection is closed."),
        ExchangeOutcome.ReplyTooLong => new LowLatencyClientException(
            ClientFailure.ReplyTooLong, Invariant($"{_url}: the reply is longer than the {maxReplyBytes} bytes that there is room for; the connection is closed.")),
        ExchangeOutcome.Unasked => new LowLatencyClientException(
            ClientFailure.Unasked, $"{_url}: the peer sent something that nobody had asked for; the connection is closed."),
        ExchangeOutcome.ClosedByPeer => new LowLatencyClientException(
            ClientFailure.ClosedByPeer, $"{_url}: the peer closed the connection before it had answered."),
        _ => new LowLatencyClientException(ClientFailure.Reset, $"{_url}: the peer reset the connection before it had answered."),
    };

    internal LowLatencyClientException NotConnected() => new(
        ClientFailure.NotConnected, $"{_url}: the connection has ended in an earlier request; connect a new client, or set Reconnect.");

    internal NotSupportedException NotPipelined() => new(
        $"{_url}: without framing a byte stream does not tell the replies of a batch apart; use Line or LengthPrefix on both sides.");

    private static string Text(TimeSpan time) => Invariant($"{time.TotalSeconds:0.###} s");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
