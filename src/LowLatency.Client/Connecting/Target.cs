using System.Globalization;
using System.Net.Sockets;
using LowLatency.Client.Exchanges;
using LowLatency.Transports;
using Microsoft.AspNetCore.Connections;

namespace LowLatency.Client.Connecting;

/// <summary>Whom a client talks to: connects, and puts into words what went wrong with it.</summary>
internal sealed class Target(EndpointUrl url, IConnectionFactory? connections)
{
    private readonly IConnectionFactory _connections = connections ?? LowLatencyConnectionFactory.Shared;

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
            return await _connections.ConnectAsync(url.EndPoint, deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && deadline.IsCancellationRequested)
        {
            throw new TimeoutException($"{url}: no connection within {Text(timeout)}.");
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            throw new LowLatencyClientException(ClientFailure.ConnectFailed, $"{url}: {exception.Message}", exception);
        }
    }

    internal Exception Failure(ExchangeOutcome outcome, TimeSpan timeout, int maxReplyBytes) => outcome switch
    {
        ExchangeOutcome.TimedOut => new TimeoutException($"{url}: no complete reply within {Text(timeout)}; the connection is closed."),
        ExchangeOutcome.ReplyTooLong => new LowLatencyClientException(
            ClientFailure.ReplyTooLong, Invariant($"{url}: the reply is longer than the {maxReplyBytes} bytes that there is room for; the connection is closed.")),
        ExchangeOutcome.Unasked => new LowLatencyClientException(
            ClientFailure.Unasked, $"{url}: the peer sent something that nobody had asked for; the connection is closed."),
        ExchangeOutcome.ClosedByPeer => new LowLatencyClientException(
            ClientFailure.ClosedByPeer, $"{url}: the peer closed the connection before it had answered."),
        _ => new LowLatencyClientException(ClientFailure.Reset, $"{url}: the peer reset the connection before it had answered."),
    };

    internal LowLatencyClientException NotConnected() => new(
        ClientFailure.NotConnected, $"{url}: the connection has ended in an earlier request; connect a new client, or set Reconnect.");

    internal NotSupportedException NotPipelined() => new(
        $"{url}: without framing a byte stream does not tell the replies of a batch apart; use Line or LengthPrefix on both sides.");

    private static string Text(TimeSpan time) => Invariant($"{time.TotalSeconds:0.###} s");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
