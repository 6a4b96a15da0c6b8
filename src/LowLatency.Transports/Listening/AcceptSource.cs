using System.Net;
using System.Threading.Channels;
using LowLatency.Linux;
using LowLatency.Transports.PipeEnds;
using LowLatency.Transports.Polling;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace LowLatency.Transports.Listening;

/// <summary>A listening socket on its loop: accepts as long as the limit allows, and passes on what the server can have.</summary>
internal abstract class AcceptSource(ListenSocket socket, AcceptSettings settings, PollLoop loop, ILogger logger, Action fatal) : PollSource
{
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan CountAfter = TimeSpan.FromMilliseconds(50);

    // What a queue holds, as a rule. Who connects without end does not keep a listener that is to stop.
    private const int MostLastAccepts = 4096;

    private const int WaryMilliseconds = 1000;

    // More than that are no accidents of single connections: something forbids every accept, and leaves the connection in the queue.
    private const int MostFailuresInARow = 100;

    // Run inline: the server's accept loop then starts the connection without a hop over the thread pool of its own.
    private readonly Channel<ConnectionContext> _accepted = Channel.CreateUnbounded<ConnectionContext>(
        new UnboundedChannelOptions { SingleReader = true, SingleWriter = false, AllowSynchronousContinuations = true });

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RefusalSummary _refusals = new(logger, settings.EndPoint);
    private readonly SpareDescriptors _spares = new();
    private long? _lastWarning;
    private int _failuresInARow;
    private bool _counts;
    private bool _isHeldUp;
    private volatile bool _leaving;
    private bool _stopped;

    private long _lostAt = -WaryMilliseconds;

    // The listening itself is one.
    private int _yetToPublish = 1;

    internal ChannelReader<ConnectionContext> Accepted => _accepted.Reader;

    protected EndPoint EndPoint => settings.EndPoint;

    /// <summary>The listener is to stop, or has. Any thread.</summary>
    protected bool IsLeaving => _leaving;

    protected PollLoop Loop => loop;

    protected ILogger Logger => logger;

    internal void Start()
    {
        loop.Add(this);
        Watch();
    }

    /// <summary>Takes in what has connected already, unless another process will, then listens no more. On the loop.</summary>
    internal void Stop()
    {
        if (_stopped)
        {
            return;
        }

        // For those who wait.
        _leaving = true;
        _spares.GiveUp(forGood: true);
        for (int accepted = 0; !settings.IsInherited && accepted < MostLastAccepts && TryAcceptOne(); accepted++)
        {
        }

        if (_stopped)
        {
            return;
        }

        EndListening();
    }

    /// <summary>Nobody comes any more, and everybody who came has been published.</summary>
    internal Task Ended => _ended.Task;

    /// <summary>The server waits for nobody any more; who is accepted from now on is let go. Any thread.</summary>
    internal void PublishNoMore() => _accepted.Writer.TryComplete();

    // One at a time: an accept in vain costs the kernel a socket that it throws away, a look by epoll costs next to nothing.
    internal override void OnEvents(EpollEvents events) => _ = TryAcceptOne(isShut: (events & (EpollEvents.HangUp | EpollEvents.ReadHangUp)) != 0);

    internal override void OnLoopEnd() => Stop();

    /// <summary>Accepts one.</summary>
    /// <param name="isShut">Whether nobody can connect any more.</param>
    /// <returns>Whether there may be more.</returns>
    private bool TryAcceptOne(bool isShut = false)
    {
        if (_stopped)
        {
            return false;
        }

        Errno error = socket.TryAccept(out StreamSocket? accepted, out EndPoint? remote);
        switch (error)
        {
            case Errno.None:
                _failuresInARow = 0;
                bool isNearEnd = DescriptorTable.IsNearEnd(accepted!.Descriptor);
                Take(accepted, remote);
                if (isNearEnd)
                {
                    CountDescriptors();
                }
                else
                {
                    CountDescriptorsSoon();
                }

                return _leaving || !_isHeldUp;

            case Errno.Again when isShut:
                // An accept on a Unix socket that another holder has shut down does not say so, as it does on TCP: it finds nobody, for ever.
                End(Errno.Invalid);
                return false;

            case Errno.Again:
                _failuresInARow = 0;
                return false;

            case Errno.TooManyOpenFiles or Errno.TooManyOpenFilesInSystem or Errno.NoBuffers or Errno.NoMemory:
                HoldUp(error);
                return false;

            case Errno.BadDescriptor or Errno.Invalid or Errno.NotSocket:
                End(error);
                return false;

            case var _ when ++_failuresInARow > MostFailuresInARow:
                HoldUp(error);
                return false;

            default:
                // The network's errors of the connection itself, which Linux reports here.
                Log.AcceptFailed(logger, EndPoint, error);
                return true;
        }
    }

    /// <summary>A connection within the limit; <see cref="Leave"/> is owed for it. On the loop.</summary>
    /// <param name="accepted">Its socket.</param>
    /// <param name="remote">Its peer, where that has an address.</param>
    /// <param name="isSilent">Nothing has come from it yet.</param>
    protected abstract void Admit(StreamSocket accepted, EndPoint? remote, bool isSilent);

    /// <summary>A connection is to be published, but not now: a stop waits for that. <see cref="WaitNoMore"/> is owed for it. Any thread.</summary>
    protected void WaitForOne() => Interlocked.Increment(ref _yetToPublish);

    /// <summary>It was published, or will not be. Any thread.</summary>
    protected void WaitNoMore()
    {
        if (Interlocked.Decrement(ref _yetToPublish) == 0)
        {
            _accepted.Writer.TryComplete();
            _ended.SetResult();
        }
    }

    /// <summary>Some connection was lost lately: the next ones may come to nothing as well. Any thread.</summary>
    protected bool IsWary => Environment.TickCount64 - Volatile.Read(ref _lostAt) < WaryMilliseconds;

    /// <summary>A connection has come to nothing: its peer had said nothing. Any thread.</summary>
    protected void BecomeWary() => Volatile.Write(ref _lostAt, Environment.TickCount64);

    /// <summary>A connection has failed before the server knew of it. Any thread.</summary>
    protected void Lose(Errno error)
    {
        BecomeWary();
        Log.AcceptFailed(logger, EndPoint, error);
        settings.Lost?.Invoke();
    }

    /// <summary>A connection that was admitted has ended, or has come to nothing. Any thread.</summary>
    protected void Leave(EndPoint? remote) => settings.Limit?.Leave(remote);

    /// <summary>Says that somebody was refused, now and then. Any thread.</summary>
    protected void Summarize(string reason) => _refusals.Add(reason);

    /// <summary>Gives a connection to the server. On the loop that the connection lives on.</summary>
    protected void Publish(PolledConnection connection)
    {
        if (!_accepted.Writer.TryWrite(connection.Context))
        {
            // Stopped meanwhile: its peer sees an end and no reset, and can ask elsewhere.
            _ = connection.DisposeAsync().AsTask();
        }
    }

    // One that its peer has reset already, and that holds nothing to be answered, would cost the server a start and an end on
    // threads that others need.
    private void Take(StreamSocket accepted, EndPoint? remote)
    {
        IoResult first = remote is null ? IoResult.Done(0) : accepted.Peek();
        if (first.Succeeded || first.WouldBlock)
        {
            AdmitOrRefuse(accepted, remote, isSilent: first.WouldBlock);
            return;
        }

        Lose(first.Error);
        accepted.Dispose();
    }

    private void AdmitOrRefuse(StreamSocket accepted, EndPoint? remote, bool isSilent)
    {
        if (settings.Allows?.Invoke(accepted, remote) == false)
        {
            Refuse(accepted, remote, "it is not among those allowed");
            settings.Refused?.Invoke();
        }
        else if (settings.Limit?.TryEnter(remote) == false)
        {
            Refuse(accepted, remote, "the connection limit");
        }
        else
        {
            Admit(accepted, remote, isSilent);
        }
    }

    private void Refuse(StreamSocket accepted, EndPoint? remote, string reason)
    {
        Log.ConnectionRefused(logger, EndPoint, remote, reason);
        _refusals.Add(reason);
        accepted.Dispose();
    }

    private void Watch()
    {
        Errno error = loop.Epoll.TryAdd(socket.Descriptor, EpollEvents.In | EpollEvents.ReadHangUp, Tag);
        if (error is Errno.NoMemory or Errno.NoSpace)
        {
            // A shortage that passes, and the very one that it may have been held up for.
            HoldUp(error);
        }
        else if (error != Errno.None)
        {
            End(error);
        }
    }

    private void CountDescriptors()
    {
        if (!_leaving && !_isHeldUp && SpareDescriptors.AreNeeded)
        {
            HoldUp(Errno.TooManyOpenFiles);
        }
    }

    // Once for a burst of accepts: it costs more than each of them should.
    private void CountDescriptorsSoon()
    {
        if (!_counts)
        {
            _counts = true;
            loop.RunAfter(CountAfter, static source => ((AcceptSource)source!).CountDescriptorsNow(), this);
        }
    }

    private void CountDescriptorsNow()
    {
        _counts = false;
        CountDescriptors();
    }

    // Not watched for a while, or it would be reported without end; the kernel keeps the waiting ones.
    private void HoldUp(Errno error)
    {
        long now = Environment.TickCount64;
        if (_lastWarning is not long last || now - last >= 1000)
        {
            _lastWarning = now;
            Log.AcceptHeldUp(logger, EndPoint, error);
        }

        _isHeldUp = true;
        _spares.GiveUp();
        _ = loop.Epoll.TryRemove(socket.Descriptor);
        loop.RunAfter(RetryAfter, static source => ((AcceptSource)source!).Retry(), this);
    }

    private void Retry()
    {
        if (_stopped)
        {
            return;
        }

        if (_spares.TryTakeBack())
        {
            _isHeldUp = false;
            Watch();
        }
        else
        {
            HoldUp(Errno.TooManyOpenFiles);
        }
    }

    private void EndListening()
    {
        _leaving = true;
        _stopped = true;
        loop.Remove(this);

        // Closing is not enough where another process holds it as well: the loop would be told of whoever waits there, and never sleep.
        _ = loop.Epoll.TryRemove(socket.Descriptor);
        socket.Dispose();
        WaitNoMore();
    }

    private void End(Errno error)
    {
        Log.AcceptEnded(logger, EndPoint, error);
        _spares.GiveUp(forGood: true);
        EndListening();
        fatal();
    }
}
