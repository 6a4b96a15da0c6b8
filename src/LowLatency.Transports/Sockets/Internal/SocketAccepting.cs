using System.Net;
using System.Net.Sockets;
using LowLatency.Transports.Listening;
using LowLatency.Transports.Polling;
using Microsoft.Extensions.Logging;

namespace LowLatency.Transports.Sockets.Internal;

/// <summary>Accepts one connection after the other, and knows which errors to wait for, to pass over, and to end by.</summary>
/// <remarks>Kestrel's own loop tries again at once whatever the error is: out of descriptors it takes a CPU, and behind a broken socket it hangs.</remarks>
internal sealed class SocketAccepting(Socket socket, EndPoint endPoint, ILogger logger, Action fatal) : IDisposable
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(100);

    private readonly SpareDescriptors _spares = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isAccepting;
    private bool _wasLast;
    private volatile bool _stopped;
    private long? _lastWarning;

    internal EndPoint LocalEndPoint { get; } = socket.LocalEndPoint!;

    /// <summary>Listens no more.</summary>
    /// <remarks>
    /// A socket that is closed under a pending accept ends abruptly, by the option that has a close reset: other holders of the same socket
    /// would have it as well, and whoever they accept. So the accept ends first.
    /// </remarks>
    internal Task StopAsync()
    {
        bool isAccepting;
        lock (_lock)
        {
            if (_stopped)
            {
                return _closed.Task;
            }

            _stopped = true;
            isAccepting = _isAccepting;
        }

        _stopping.Cancel();
        if (!isAccepting)
        {
            Close();
        }

        return _closed.Task;
    }

    /// <summary>Waits for the next one; <c>null</c> when there are no more.</summary>
    internal async ValueTask<Socket?> AcceptAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_stopped)
            {
                return null;
            }

            _isAccepting = true;
        }

        try
        {
            return await AcceptOneAsync(cancellationToken);
        }
        finally
        {
            lock (_lock)
            {
                _isAccepting = false;
            }

            if (_stopped)
            {
                Close();
            }
        }
    }

    /// <summary>Behind the stop.</summary>
    public void Dispose() => _stopping.Dispose();

    private void Close()
    {
        socket.Dispose();
        _spares.GiveUp(forGood: true);
        _closed.TrySetResult();
    }

    private async ValueTask<Socket?> AcceptOneAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenSource? either = cancellationToken.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token) : null;
        CancellationToken enough = either?.Token ?? _stopping.Token;
        while (!_stopped)
        {
            try
            {
                if (_wasLast && !await HasRoomAgainAsync(SocketError.TooManyOpenSockets, enough))
                {
                    return null;
                }

                Socket accepted = await socket.AcceptAsync(enough);
                _wasLast = SpareDescriptors.AreNeeded;
                if (_wasLast)
                {
                    _spares.GiveUp();
                }

                return accepted;
            }
            catch (OperationCanceledException) when (_stopped)
            {
                return null;
            }
            catch (SocketException failure) when (!_stopped)
            {
                if (!await GoesOnAsync(failure.SocketErrorCode, enough))
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
                return await HasRoomAgainAsync(error, cancellationToken);
        }
    }

    /// <summary>Waits until the spares are to be had again.</summary>
    /// <returns>Whether they are; otherwise it was asked to stop.</returns>
    private async ValueTask<bool> HasRoomAgainAsync(SocketError error, CancellationToken cancellationToken)
    {
        do
        {
            Warn(error);
            await Task.Delay(RetryAfter, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _wasLast = !_spares.TryTakeBack();
        }
        while (_wasLast && !cancellationToken.IsCancellationRequested);
        return !cancellationToken.IsCancellationRequested;
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
