using System.Net;
using System.Net.Sockets;
using LowLatency.Transports.Listening;
using LowLatency.Transports.Polling;
using Microsoft.Extensions.Logging;

namespace LowLatency.Transports.Sockets.Internal;

/// <summary>Accepts one connection after the other, and knows which errors to wait for, to pass over, and to end by.</summary>
/// <remarks>Kestrel's own loop tries again at once whatever the error is: out of descriptors it takes a CPU, and behind a broken socket it hangs.</remarks>
internal sealed class SocketAccepting(Socket socket, EndPoint endPoint, ILogger logger, Action fatal)
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(100);

    private readonly SpareDescriptors _spares = new();
    private volatile bool _stopped;
    private long? _lastWarning;

    internal EndPoint LocalEndPoint { get; } = socket.LocalEndPoint!;

    internal void Stop()
    {
        _stopped = true;
        socket.Dispose();
        _spares.GiveUp(forGood: true);
    }

    /// <summary>Waits for the next one; <c>null</c> when there are no more.</summary>
    internal async ValueTask<Socket?> AcceptAsync(CancellationToken cancellationToken)
    {
        while (!_stopped)
        {
            try
            {
                return await socket.AcceptAsync(cancellationToken);
            }
            catch (ObjectDisposedException) when (_stopped)
            {
                return null;
            }
            catch (SocketException failure) when (!_stopped)
            {
                if (!await GoesOnAsync(failure.SocketErrorCode, cancellationToken))
                {
                    return null;
                }
            }
            catch (SocketException)
            {
                return null;
            }
        }

        return null;
    }

    private async ValueTask<bool> GoesOnAsync(SocketError error, CancellationToken cancellationToken)
    {
        switch (error)
        {
            // Reset, or timed out, before it was accepted.
            case SocketError.ConnectionAborted or SocketError.ConnectionReset or SocketError.TimedOut:
                return true;

            // What EBADF, EINVAL and ENOTSOCK are called here.
            case SocketError.OperationAborted or SocketError.InvalidArgument or SocketError.NotSocket:
                Log.AcceptEnded(logger, endPoint, error);
                fatal();
                return false;

            default:
                _spares.GiveUp();
                do
                {
                    Warn(error);
                    await Task.Delay(RetryAfter, cancellationToken);
                }
                while (!_stopped && !_spares.TryTakeBack());
                return true;
        }
    }

    private void Warn(SocketError error)
    {
        long now = Environment.TickCount64;
        if (_lastWarning is not long last || now - last >= 1000)
        {
            _lastWarning = now;
            Log.AcceptHeldUp(logger, endPoint, error);
        }
    }
}
