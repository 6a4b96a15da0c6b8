using System.Net;
using System.Threading.Channels;
using LowLatency.Linux;
using LowLatency.Transports.Polling;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace LowLatency.Transports.BusyPoll.Internal;

/// <summary>A listening socket on its loop: accepts, and hands connections to the loops in turn.</summary>
internal sealed class AcceptSource(
    ListenSocket socket, EndPoint endPoint, bool inline, PollLoopGroup group, PollLoop loop, BusyPollTransportOptions options, ConnectionLimit? limit, ILogger logger, Action fatal)
    : PollSource
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(100);

    // Run inline: the server's accept loop then starts the connection without a hop over the thread pool of its own.
    private readonly Channel<ConnectionContext> _accepted = Channel.CreateUnbounded<ConnectionContext>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = false, AllowSynchronousContinuations = true });

    private long? _lastWarning;
    private bool _stopped;

    internal ChannelReader<ConnectionContext> Accepted => _accepted.Reader;

    internal EndPoint LocalEndPoint => socket.LocalEndPoint;

    internal void Start()
    {
        loop.Add(this);
        Watch();
    }

    /// <summary>Takes in what has connected already, then listens no more. On the loop.</summary>
    internal void Stop()
    {
        if (_stopped)
        {
            return;
        }

        while (TryAcceptOne())
        {
        }

        if (_stopped)
        {
            return;
        }

        _stopped = true;
        loop.Remove(this);
        socket.Dispose();
        _accepted.Writer.TryComplete();
    }

    // One at a time: an accept in vain costs the kernel a socket that it throws away, a look by epoll costs next to nothing.
    internal override void OnEvents(EpollEvents events) => _ = TryAcceptOne();

    internal override void OnLoopEnd() => Stop();

    /// <summary>Accepts one.</summary>
    /// <returns>Whether there may be more.</returns>
    private bool TryAcceptOne()
    {
        if (_stopped)
        {
            return false;
        }

        Errno error = socket.TryAccept(out StreamSocket? accepted, out EndPoint? remote);
        switch (error)
        {
            case Errno.None:
                Admit(accepted!, remote);
                return true;

            case Errno.Again:
                return false;

            case Errno.TooManyOpenFiles or Errno.TooManyOpenFilesInSystem or Errno.NoBuffers or Errno.NoMemory:
                HoldUp(error);
                return false;

            case Errno.BadDescriptor or Errno.Invalid or Errno.NotSocket:
                End(error);
                return false;

            default:
                // The network's errors of the connection itself, which Linux reports here.
                Log.AcceptFailed(logger, endPoint, error);
                return true;
        }
    }

    private void Admit(StreamSocket accepted, EndPoint? remote)
    {
        if (limit?.TryEnter(remote) == false)
        {
            Log.ConnectionRefused(logger, endPoint);
            accepted.Dispose();
            return;
        }

        PollLoop target = group.Next();
        var connection = new SocketConnection(
            target, accepted, socket.LocalEndPoint, remote, inline, options.ReceiveBytes, limit is null ? null : closed => limit.Leave(closed.RemoteEndPoint));
        target.ApplicationLeft();
        if (target == loop)
        {
            Publish(connection);
        }
        else
        {
            target.Post(connection => Publish((SocketConnection)connection!), connection);
        }
    }

    // On the loop that the connection is to live on.
    private void Publish(SocketConnection connection)
    {
        connection.Loop.Add(connection);
        if (!_accepted.Writer.TryWrite(connection.Context))
        {
            connection.Abort(null);
            _ = connection.DisposeAsync().AsTask();
        }
    }

    private void Watch()
    {
        Errno error = loop.Epoll.TryAdd(socket.Descriptor, EpollEvents.In, Tag);
        if (error != Errno.None)
        {
            End(error);
        }
    }

    // Not watched for a while, or it would be reported without end; the kernel keeps the waiting ones.
    private void HoldUp(Errno error)
    {
        long now = Environment.TickCount64;
        if (_lastWarning is not long last || now - last >= 1000)
        {
            _lastWarning = now;
            Log.AcceptHeldUp(logger, endPoint, error);
        }

        _ = loop.Epoll.TryRemove(socket.Descriptor);
        loop.RunAfter(RetryAfter, static source => ((AcceptSource)source!).Retry(), this);
    }

    private void Retry()
    {
        if (!_stopped)
        {
            Watch();
        }
    }

    private void End(Errno error)
    {
        Log.AcceptEnded(logger, endPoint, error);
        _stopped = true;
        loop.Remove(this);
        socket.Dispose();
        _accepted.Writer.TryComplete();
        fatal();
    }
}
