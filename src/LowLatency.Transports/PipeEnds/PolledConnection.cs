using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using LowLatency.Linux;
using LowLatency.Transports.Polling;
using Microsoft.AspNetCore.Connections;

namespace LowLatency.Transports.PipeEnds;

/// <summary>A connection that a poll loop looks after: its life, and what the server asks about it. What carries the bytes is the subclasses' matter.</summary>
/// <remarks>
/// The loop releases what carries the bytes, after the application has disposed of the connection: a send or a receive that
/// came before can therefore never meet another connection's. Its reads belong to one thread at a time, and its disposal is one of them.
/// </remarks>
internal abstract class PolledConnection : PollSource, IThreadPoolWorkItem
{
    private static long _lastId;

    private readonly Action<PolledConnection>? _closed;
    private Lingering? _lingering;
    private ConnectionAbortedException? _abortReason;
    private CancellationTokenSource? _closedSource;
    private int _started;
    private int _disposed;
    private bool _fired;
    private volatile bool _released;

    protected PolledConnection(PollLoop loop, EndPoint? local, EndPoint? remote, Action<PolledConnection>? closed)
    {
        Loop = loop;
        _closed = closed;
        LocalEndPoint = local;
        RemoteEndPoint = remote;
        Context = new PolledConnectionContext(this);
    }

    internal PollLoop Loop { get; }

    internal PolledConnectionContext Context { get; }

    internal abstract PipeReader Reader { get; }

    internal abstract PipeWriter Writer { get; }

    internal abstract IDirectExchange Exchange { get; }

    /// <summary>Tells of messages that are on their way; <c>null</c> where the channel keeps none.</summary>
    internal abstract IPartialMessageFeature? PartialMessage { get; }

    internal EndPoint? LocalEndPoint { get; }

    internal EndPoint? RemoteEndPoint { get; }

    /// <summary>Guards the interest in events, the release, and what must not meet it.</summary>
    protected Lock Gate { get; } = new();

    protected bool IsAborted => Volatile.Read(ref _abortReason) is not null;

    /// <summary>What carries the bytes is gone. Changed under the gate.</summary>
    protected bool IsReleased => _released;

    internal static string NextId() => Interlocked.Increment(ref _lastId).ToString("X", CultureInfo.InvariantCulture);

    /// <summary>The token that fires when the peer has ended or the connection is aborted; made when somebody first asks for it.</summary>
    internal CancellationToken Closed
    {
        get
        {
            lock (Gate)
            {
                bool nobodyHasRegistered = _closedSource is null;
                _closedSource ??= new CancellationTokenSource();
                if (_fired && nobodyHasRegistered)
                {
                    _closedSource.Cancel();
                }

                return _closedSource.Token;
            }
        }
    }

    /// <summary>Ends both directions at once, and lets the peer see a reset. Any thread.</summary>
    internal void Abort(ConnectionAbortedException? reason)
    {
        if (Interlocked.CompareExchange(ref _abortReason, reason ?? new ConnectionAbortedException(), null) is not null)
        {
            return;
        }

        lock (Gate)
        {
            if (_released)
            {
                return;
            }

            Sever();
        }

        BreakOutput();
        FireClosed();
    }

    internal async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        Started();
        Reader.Complete();
        Writer.Complete();
        ValueTask drained = DrainOutputAsync();
        if (!drained.IsCompletedSuccessfully)
        {
            await CutOffUnlessAsync(drained.AsTask());
        }

        FireClosed();
        if (Loop.IsCurrentThread)
        {
            CloseOrLinger();
        }
        else
        {
            Loop.Post(static connection => ((PolledConnection)connection!).CloseOrLinger(), this);
        }
    }

    // Nobody else watches over the last replies: what served the connection has ended.
    private async Task CutOffUnlessAsync(Task drained)
    {
        await drained.WaitAsync(Loop.LastReplyTimeout).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!drained.IsCompleted)
        {
            Log.LastReplyNotTaken(Loop.Logger, (LocalEndPoint ?? RemoteEndPoint)!, RemoteEndPoint);
            Abort(new ConnectionAbortedException("The peer does not take what was sent last."));
        }

        await drained;
    }

    /// <summary>Nobody else starts this connection: a client has it at once, or nobody ever has.</summary>
    internal void NeedsNoStart() => _started = 1;

    /// <summary>The application has taken the connection up, and waits for the peer: to read, or to write. Once.</summary>
    internal void Started()
    {
        if (Interlocked.Exchange(ref _started, 1) == 0)
        {
            Loop.ApplicationCameBack();
        }
    }

    /// <summary>Nothing more comes in.</summary>
    internal void InputEnded() => FireClosed();

    /// <summary>What a reader is to be told at the end of the stream; <c>null</c> for a clean end.</summary>
    internal Exception? FailureAtEnd(IoResult received)
    {
        if (Volatile.Read(ref _abortReason) is ConnectionAbortedException reason)
        {
            return new ConnectionAbortedException(reason.Message, reason);
        }

        if (received.Error == Errno.Protocol)
        {
            return new InvalidDataException("The peer broke the transport's protocol.");
        }

        return received.Succeeded ? null : new ConnectionResetException("The peer reset the connection.", new LinuxException("recv", received.Error));
    }

    // ---- What the pipe ends ask of the subclass ----

    /// <summary>Has the loop look for what the peer sends. Any thread.</summary>
    internal abstract void Watch();

    /// <summary>Has the loop no longer look for what the peer sends, only for its end: somebody else looks. Any thread.</summary>
    internal abstract void WatchForEnd();

    /// <summary>Has the loop look for room to send, or no longer. Any thread.</summary>
    internal abstract void WatchWritable(bool wanted);

    /// <summary>Nothing more goes out, and everything has: the peer is to see the end.</summary>
    internal abstract void OutputEnded();

    // ---- What it asks of the subclass itself ----

    /// <summary>Cuts the connection, so that every later receive and send fails, and the loop finds the end. Under the gate, any thread.</summary>
    protected abstract void Sever();

    protected abstract void BreakOutput();

    protected abstract ValueTask DrainOutputAsync();

    /// <summary>Both sides have been completed by the application. On the loop.</summary>
    protected abstract void CloseOrLinger();

    /// <summary>Lets go of what carries the bytes. Under the gate, on the loop, once.</summary>
    protected abstract void ReleaseTransport();

    protected abstract void ReleasePipeEnds();

    /// <summary>Closes when the peer has had its time to end. On the loop.</summary>
    protected void CloseAfterLingering()
    {
        _lingering = new Lingering(this);
        Loop.RunAfter(PollLoop.LingerFor, static lingering => ((Lingering)lingering!).Connection?.Close(), _lingering);
    }

    /// <summary>The end. On the loop.</summary>
    protected void Close()
    {
        _lingering?.Connection = null;
        lock (Gate)
        {
            if (_released)
            {
                return;
            }

            _released = true;
            Loop.Remove(this);
            ReleaseTransport();
        }

        ReleasePipeEnds();
        _closed?.Invoke(this);
    }

    // A pool thread runs the callbacks, as they are anybody's and may block.
    protected void FireClosed()
    {
        lock (Gate)
        {
            if (_fired)
            {
                return;
            }

            _fired = true;
            if (_closedSource is null)
            {
                return;
            }
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        try
        {
            _closedSource!.Cancel();
        }
        catch (AggregateException exception)
        {
            // The application's own fault, and no reason to end the process.
            Log.ClosedCallbackFailed(Loop.Logger, exception);
        }
    }

    /// <summary>What a timer holds, and not the connection, which as a rule ends long before: they come by the thousand a second.</summary>
    private sealed class Lingering(PolledConnection connection)
    {
        internal PolledConnection? Connection { get; set; } = connection;
    }
}

/// <summary>A polled connection with its two pipe ends, compiled for what carries the bytes.</summary>
internal abstract class PolledConnection<TChannel> : PolledConnection, IDirectExchange, IPartialMessageFeature
    where TChannel : struct, IByteChannel
{
    private readonly TChannel _channel;

    protected PolledConnection(
        PollLoop loop, TChannel channel, EndPoint? local, EndPoint? remote, bool inline, int receiveBytes, Action<PolledConnection>? closed)
        : base(loop, local, remote, closed)
    {
        _channel = channel;
        Input = new PolledPipeReader<TChannel>(this, loop, channel, receiveBytes, inline);
        Output = new PolledPipeWriter<TChannel>(this, loop, channel, inline);
    }

    internal override PipeReader Reader => Input;

    internal override PipeWriter Writer => Output;

    internal override IDirectExchange Exchange => this;

    internal override IPartialMessageFeature? PartialMessage => TChannel.KeepsMessages ? this : null;

    bool IPartialMessageFeature.HoldsPartOfMessage => Input.HoldsPartOfMessage;

    bool IDirectExchange.KeepsMessages => TChannel.KeepsMessages;

    bool IDirectExchange.MessageGoesOn => _channel.MessageGoesOn;

    protected PolledPipeReader<TChannel> Input { get; }

    protected PolledPipeWriter<TChannel> Output { get; }

    IoResult IDirectExchange.Receive(Span<byte> buffer) => _channel.Receive(buffer);

    IoResult IDirectExchange.Send(ReadOnlySpan<byte> bytes) => _channel.Send(bytes, messageGoesOn: false);

    void IDirectExchange.Flushed() => _channel.Flushed();

    // With what each of them was made together with, which lies behind it.
    internal override void PrefetchParts()
    {
        CachePrefetch.Lines(Input, 0, 5);
        CachePrefetch.Lines(Output, 0, 5);
    }

    // As a rule what the application made for this connection lies before what awaits the read.
    internal override void PrefetchApplication() => CachePrefetch.Lines(Input.Awaiter, -7, 2);

    protected override void BreakOutput() => Output.Break();

    protected override ValueTask DrainOutputAsync() => Output.DrainAsync();

    protected override void ReleasePipeEnds()
    {
        Input.Release();
        Output.Release();
    }
}
