using System.Net;
using LowLatency.Transports.Polling;
using Microsoft.AspNetCore.Connections;

namespace LowLatency.Transports.Listening;

/// <summary>The server's side of an <see cref="AcceptSource"/>.</summary>
internal sealed class PolledListener(AcceptSource source, PollLoop loop, EndPoint endPoint) : IConnectionListener
{
    public EndPoint EndPoint { get; } = endPoint;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        // Ends when the source has stopped and everything that it accepted was taken.
        while (await source.Accepted.WaitToReadAsync(cancellationToken))
        {
            if (source.Accepted.TryRead(out ConnectionContext? connection))
            {
                return connection;
            }
        }

        return null;
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        loop.Post(static source => ((AcceptSource)source!).Stop(), source);
        try
        {
            await source.Ended.WaitAsync(PollLoop.EndsWithin, cancellationToken);
        }
        catch (Exception exception) when (exception is OperationCanceledException or TimeoutException)
        {
            // A server that is disposed without a stop does not wait, nor one whose loop the application blocks, be it the listener's
            // or that of a connection that it has accepted. The loop goes on to unbind all the same; the server ends when nobody more comes.
            source.PublishNoMore();
        }
    }

    public async ValueTask DisposeAsync()
    {
        // By then, or the application blocks the loop, which stops listening as soon as it can.
        using var patience = new CancellationTokenSource(PollLoop.EndsWithin);
        await UnbindAsync(patience.Token);
        while (source.Accepted.TryRead(out ConnectionContext? connection))
        {
            connection.Abort();
            await connection.DisposeAsync();
        }
    }
}
