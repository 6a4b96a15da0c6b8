using System.Net;
using LowLatency.Linux;
using LowLatency.Transports.Polling;

namespace LowLatency.Transports.BusyPoll.Internal;

/// <summary>A socket on its way to being connected, which the loop waits for.</summary>
internal sealed class ConnectingSource(PollLoop loop, StreamSocket socket, EndPoint remote, bool inline, int receiveBytes) : PollSource
{
    private readonly TaskCompletionSource<SocketConnection> _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal async Task<SocketConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        loop.Post(static source => ((ConnectingSource)source!).Start(), this);
        using (cancellationToken.UnsafeRegister(
            static (source, token) => ((ConnectingSource)source!).GiveUp(new OperationCanceledException(token)), this))
        {
            return await _connected.Task;
        }
    }

    // ---- On the loop ----

    internal override void OnEvents(EpollEvents events)
    {
        Errno error = socket.TakeError();
        if (error != Errno.None)
        {
            End(new LinuxException("connect", error));
            return;
        }

        // Its events from here on are the connection's.
        _ = loop.Epoll.TryRemove(socket.Descriptor);
        loop.Remove(this);
        var connection = new SocketConnection(loop, socket, local: null, remote, inline, receiveBytes, closed: null);
        connection.NeedsNoStart();
        loop.Add(connection);
        _connected.SetResult(connection);
    }

    internal override void OnLoopEnd() => End(LoopHasEnded());

    private void Start()
    {
        loop.Add(this);
        Errno error = loop.Epoll.TryAdd(socket.Descriptor, EpollEvents.Out, Tag);
        if (error != Errno.None)
        {
            // Without a descriptor of its own the loop is at its end, and tells nobody of that any more.
            End(error == Errno.BadDescriptor ? LoopHasEnded() : new LinuxException("connect", error));
        }
    }

    private static ObjectDisposedException LoopHasEnded() => new(nameof(BusyPollConnectionFactory));

    private void GiveUp(Exception reason) => loop.Post(_ => End(reason), null);

    private void End(Exception reason)
    {
        if (_connected.TrySetException(reason))
        {
            loop.Remove(this);
            socket.Dispose();
        }
    }
}
