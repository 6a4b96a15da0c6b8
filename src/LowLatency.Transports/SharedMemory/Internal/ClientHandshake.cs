using LowLatency.Linux;
using LowLatency.Transports.Polling;

namespace LowLatency.Transports.SharedMemory.Internal;

/// <summary>Attaching, seen from the client: see <see cref="Handshake"/> for what is said. On the loop.</summary>
internal sealed class ClientHandshake(PollLoop loop, StreamSocket control, SharedMemoryEndPoint endPoint, bool inline, int receiveBytes) : PollSource
{
    private readonly TaskCompletionSource<SharedMemoryConnection> _attached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly byte[] _welcome = new byte[Handshake.MessageBytes];
    private SharedRegion? _region;
    private int _memory = -1;
    private int _received;
    private bool _greeted;

    internal async Task<SharedMemoryConnection> AttachAsync(CancellationToken cancellationToken)
    {
        loop.Post(static handshake => ((ClientHandshake)handshake!).Start(), this);
        using (cancellationToken.UnsafeRegister(
            static (handshake, token) => ((ClientHandshake)handshake!).GiveUp(new OperationCanceledException(token)), this))
        {
            return await _attached.Task;
        }
    }

    internal override void OnEvents(EpollEvents events)
    {
        try
        {
            if (!_greeted)
            {
                Greet();
            }

            while (!_attached.Task.IsCompleted && (_region is null ? TakeWelcome() : TakeGo()))
            {
            }
        }
        catch (IOException exception)
        {
            End(exception);
        }
    }

    internal override void OnLoopEnd() => End(LoopHasEnded());

    private void Start()
    {
        loop.Add(this);
        Errno error = loop.Epoll.TryAdd(control.Descriptor, EpollEvents.In | EpollEvents.Out | EpollEvents.ReadHangUp | EpollEvents.EdgeTriggered, Tag);
        if (error != Errno.None)
        {
            // Without a descriptor of its own the loop is at its end, and tells nobody of that any more.
            End(error == Errno.BadDescriptor ? LoopHasEnded() : new LinuxException("epoll_ctl", error));
        }
    }

    private static ObjectDisposedException LoopHasEnded() => new(nameof(SharedMemoryConnectionFactory));

    private void Greet()
    {
        Errno error = control.TakeError();
        if (error != Errno.None)
        {
            throw new LinuxException("connect", error);
        }

        error = PeerCredentials.TryGet(control, out PeerCredentials server);
        if (error != Errno.None)
        {
            throw new LinuxException("SO_PEERCRED", error);
        }

        // Whoever holds the path could be anybody where the folder is not ours.
        if (server.User != PeerCredentials.OfThisProcess.User && server.User != 0 && !endPoint.AllowUsers.Contains(server.User))
        {
            throw new IOException($"The server at {endPoint} runs as user {server.User}, which this client does not trust.");
        }

        _greeted = true;
        Span<byte> hello = stackalloc byte[Handshake.MessageBytes];
        Handshake.WriteHello(hello, (uint)(endPoint.RingBytes ?? 0), (uint)(endPoint.RingBytes ?? 0));
        IoResult sent = control.Send(hello);
        if (sent.Error is not (Errno.BrokenPipe or Errno.ConnectionReset))
        {
            // A server that has refused before it heard us has told why, and hung up: that is read next.
            Check(sent, hello.Length);
        }
    }

    private bool TakeWelcome()
    {
        IoResult received = control.ReceiveWithDescriptor(_welcome.AsSpan(_received), out ReceivedDescriptors descriptors);
        if (received.WouldBlock)
        {
            return false;
        }

        if (_memory < 0 && descriptors.IsOne)
        {
            _memory = descriptors.First;
        }
        else if (descriptors.Count > 0)
        {
            MemoryFile.Own(descriptors.First).Dispose();
        }

        Check(received, 1);
        _received += received.Count;
        if (_received < _welcome.Length)
        {
            return true;
        }

        Handshake.ReadWelcome(_welcome, out uint requestBytes, out uint replyBytes);
        if (_memory < 0)
        {
            throw new IOException("The server has passed no memory.");
        }

        MemoryFile file = MemoryFile.Own(_memory);
        _memory = -1;
        Errno error = SharedRegion.TryOpen(file, requestBytes, replyBytes, out _region);
        if (error != Errno.None)
        {
            throw new LinuxException("The server's memory cannot be used; mmap", error);
        }

        _region!.CloseDescriptor();
        Check(control.Send([Handshake.Mapped]), 1);
        return true;
    }

    private bool TakeGo()
    {
        Span<byte> said = stackalloc byte[1];
        IoResult received = control.Receive(said);
        if (received.WouldBlock)
        {
            return false;
        }

        Check(received, 1);
        if (said[0] != Handshake.Go)
        {
            throw new IOException("The server did not say that the rings are ready.");
        }

        // Its events from here on are the connection's.
        Leave();
        var connection = SharedMemoryConnection.OfClient(loop, _region!, control, endPoint, inline, receiveBytes);
        connection.NeedsNoStart();
        if (!connection.Start())
        {
            // It closes what was this one's: nothing is left to be ended here.
            connection.Abort(null);
            _ = connection.DisposeAsync().AsTask();
            _attached.SetException(new LinuxException("epoll_ctl", Errno.NoMemory));
            return false;
        }

        _attached.SetResult(connection);
        return false;
    }

    private static void Check(IoResult result, int count)
    {
        if (!result.Succeeded || result.Count < count)
        {
            throw new IOException(result.Succeeded || result.Error is Errno.BrokenPipe or Errno.ConnectionReset
                ? "The server hung up before the connection was made."
                : $"The connection could not be made ({result.Error}).");
        }
    }

    private void GiveUp(Exception reason) => loop.Post(_ => End(reason), null);

    private void End(Exception reason)
    {
        if (!_attached.TrySetException(reason))
        {
            return;
        }

        Leave();
        control.Dispose();
        _region?.Dispose();
        if (_memory >= 0)
        {
            MemoryFile.Own(_memory).Dispose();
        }
    }

    private void Leave()
    {
        _ = loop.Epoll.TryRemove(control.Descriptor);
        loop.Remove(this);
    }
}
