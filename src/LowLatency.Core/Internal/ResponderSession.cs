using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace LowLatency.Internal;

/// <summary>One connection from its first message to its end. The hot path: reads, answers, flushes, records.</summary>
/// <remarks>
/// Per request it allocates nothing, takes no lock, logs nothing and blocks on nothing. It runs on whatever thread completes
/// the read, and stays correct when that changes; at any time one thread is in it.
/// </remarks>
internal sealed class ResponderSession<TFraming> : IDisposable
    where TFraming : struct, IMessageFraming
{
    // Whoever sends without end does not keep a session that was asked to close; nor does it keep the loop until then.
    private const int MostLastReads = 1024;
    private const int LastReadsAtOnce = 16;

    private readonly ConnectionContext _connection;
    private readonly ConnectionActivity _activity;
    private readonly IResponder _responder;
    private readonly TransportMetrics? _metrics;
    private readonly PipeReader _input;
    private readonly PipeWriter _output;
    private readonly long _maxPendingReplyBytes;
    private readonly bool _anyBytesAreProgress;
    private readonly CancellationTokenRegistration _closeRequest;
    private readonly TaskCompletionSource _ended;
    private readonly Action _continue;

    // Not readonly: its methods change it, and the analyzer does not see that through the type parameter.
#pragma warning disable IDE0044
    private TFraming _framing;
#pragma warning restore IDE0044
    private ValueTask<ReadResult> _reading;
    private volatile bool _closeRequested;
    private bool _isReading;
    private bool _isResponding;
    private bool _isLeaving;
    private long _answered;
    private int _untilTimed;

    internal ResponderSession(
        TFraming framing,
        ConnectionContext connection,
        ConnectionActivity activity,
        IResponder responder,
        ResponderOptions options,
        TransportMetrics? metrics)
    {
        // First, and so right behind this object in memory: what awaits a read is what a loop fetches ahead, with its surroundings.
        _continue = Continue;
        _ended = new TaskCompletionSource();
        _framing = framing;
        _connection = connection;
        _activity = activity;
        _responder = responder;
        _metrics = metrics;
        _input = connection.Transport.Input;
        _output = connection.Transport.Output;
        _maxPendingReplyBytes = options.MaxPendingReplyBytes;
        _anyBytesAreProgress = options.MessageTimeout is null;
        _closeRequest = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested
            .UnsafeRegister(static session => ((ResponderSession<TFraming>)session!).RequestClose(), this) ?? default;
    }

    internal async Task RunAsync()
    {
        Exception? unsent = null;
        try
        {
            await AnswerAllAsync();
        }
        catch (Exception exception) when (!_isResponding && IsConnectionFailure(exception))
        {
            // The same exception out of a responder is a bug of it, and goes up; as is the one below.
            CountFailure(ErrorType.Transport);
            unsent = _isReading ? null : exception;
        }
        catch (InvalidDataException) when (_isReading)
        {
            // Of the transport's own protocol.
            CountFailure(ErrorType.Protocol);
        }
        finally
        {
            ReportRequests();
            Dispose();
            await _input.CompleteAsync();

            // A writer over a stream would try to send again what its flush could not, and throw again. Behind a read that failed
            // there is nothing to give up, and a writer that is given up may cut the connection and the replies on their way.
            await _output.CompleteAsync(unsent);
        }
    }

    public void Dispose() => _closeRequest.Dispose();

    private async Task AnswerAllAsync()
    {
        ReadOn(hasRead: false);
        await _ended.Task;
        await AnswerTheLastAsync();
    }

    /// <summary>The read that was waited for has completed. On whatever thread completes it.</summary>
    private void Continue() => ReadOn(hasRead: true);

#pragma warning disable CA1031 // What is caught is thrown again where the end is awaited.
#pragma warning disable CA2012 // Each read is consumed once: at once where it has completed already, or when it has.
    /// <summary>Answers and reads until a read has to be waited for, or nothing more is to be read.</summary>
    /// <remarks>
    /// What the compiler makes of <c>await</c> would capture the execution context for each request, and run within it. Nobody
    /// here looks at it, and it is a good part of the work above the transport.
    /// </remarks>
    /// <param name="hasRead">A read has completed already, and is answered first.</param>
    private void ReadOn(bool hasRead)
    {
        try
        {
            while (true)
            {
                if (!hasRead)
                {
                    _isReading = true;
                    _reading = _input.ReadAsync();
                    if (!_reading.IsCompleted)
                    {
                        ReportRequests();
                        _reading.GetAwaiter().UnsafeOnCompleted(_continue);
                        return;
                    }
                }

                hasRead = false;
                ValueTask<bool> answering = AnswerAsync(_reading.Result);
                if (!answering.IsCompleted)
                {
                    _ = ReadOnBehindAsync(answering);
                    return;
                }

                if (!answering.Result)
                {
                    _ended.SetResult();
                    return;
                }
            }
        }
        catch (Exception exception)
        {
            _ended.SetException(exception);
        }
    }
#pragma warning restore CA2012

    private async Task ReadOnBehindAsync(ValueTask<bool> answering)
    {
        try
        {
            if (!await answering)
            {
                _ended.SetResult();
                return;
            }
        }
        catch (Exception exception)
        {
            _ended.SetException(exception);
            return;
        }

        ReadOn(hasRead: false);
    }
#pragma warning restore CA1031

    // Asked to close, it answers what has arrived by now; what comes behind the end of the replies stays unread.
    private async Task AnswerTheLastAsync()
    {
        for (int reads = 0; _isLeaving && reads < MostLastReads; reads++)
        {
            if (reads % LastReadsAtOnce == LastReadsAtOnce - 1)
            {
                // Others have something to be answered as well.
                await Task.Yield();
            }

            _isReading = true;
            _isLeaving = _input.TryRead(out ReadResult read) && await AnswerAsync(read);
        }
    }

    /// <summary>Answers what was read, and advances the input. Without waiting, as a rule.</summary>
    /// <returns>Whether to read on.</returns>
    private ValueTask<bool> AnswerAsync(in ReadResult read)
    {
        _isReading = false;
        long started = IsTimed() ? Stopwatch.GetTimestamp() : 0;
        ReadOnlySequence<byte> rest = read.Buffer;
        int answered = AnswerBatch(ref rest, out FrameStatus status);
        if (answered > 0)
        {
            ValueTask<FlushResult> flush = _output.FlushAsync();
            if (!flush.IsCompletedSuccessfully || status == FrameStatus.Complete)
            {
                return AnswerInBatchesAsync(read, rest, answered, status, flush, started);
            }

            if (!Flushed(flush.Result, answered, started))
            {
                CountUnsent(read);
                return ValueTask.FromResult(false);
            }
        }

        return ValueTask.FromResult(Advance(read, rest, status));
    }

    /// <summary>Goes on where a flush waits for the peer, or where there are more replies than one flush takes.</summary>
    private async ValueTask<bool> AnswerInBatchesAsync(
        ReadResult read, ReadOnlySequence<byte> rest, int answered, FrameStatus status, ValueTask<FlushResult> flush, long started)
    {
        while (true)
        {
            if (!flush.IsCompleted)
            {
                _activity.Waiting = Waiting.ForReader;
            }

            if (!Flushed(await flush, answered, started))
            {
                CountUnsent(read);
                return false;
            }

            // Behind a message that is too large nothing is read any more.
            answered = status == FrameStatus.Complete ? AnswerBatch(ref rest, out status) : 0;
            if (answered == 0)
            {
                return Advance(read, rest, status);
            }

            flush = _output.FlushAsync();
        }
    }

    /// <summary>Gives back what was answered.</summary>
    /// <returns>Whether to read on.</returns>
    private bool Advance(in ReadResult read, in ReadOnlySequence<byte> rest, FrameStatus status)
    {
        bool partial = !rest.IsEmpty;
        _activity.Waiting = partial ? Waiting.ForRestOfMessage : Waiting.ForMessage;
        if (partial && _anyBytesAreProgress)
        {
            // Only silence is limited then, not how long a message takes.
            _activity.Progress++;
        }

        SequencePosition end = read.Buffer.End;
        _input.AdvanceTo(partial ? rest.Start : end, end);
        if (status == FrameStatus.TooLarge)
        {
            _metrics?.CountError(ErrorType.MessageTooLarge);
            return false;
        }

        if (read.IsCompleted && partial && !_activity.EndedHere && !_closeRequested)
        {
            _metrics?.CountError(ErrorType.Protocol);
        }

        // Asked to close, it does. A request that comes while a batch is answered shows in the next read, with what that one brings.
        _isLeaving = read.IsCanceled && !read.IsCompleted;
        return !read.IsCompleted && !read.IsCanceled;
    }

    /// <summary>Answers messages until none is whole, or replies enough for a flush have gathered (<see cref="FrameStatus.Complete"/>).</summary>
    private int AnswerBatch(ref ReadOnlySequence<byte> buffer, out FrameStatus status)
    {
        int answered = 0;
        _isResponding = true;
        while ((status = _framing.TryRead(ref buffer, out ReadOnlySequence<byte> message)) == FrameStatus.Complete)
        {
            _framing.Respond(_responder, in message, _output);
            answered++;
            if (_output.CanGetUnflushedBytes && _output.UnflushedBytes >= _maxPendingReplyBytes)
            {
                break;
            }
        }

        _isResponding = false;
        return answered;
    }

    private bool Flushed(FlushResult result, int answered, long started)
    {
        _activity.Progress++;
        if (result.IsCompleted)
        {
            return false;
        }

        _answered += answered;
        if (started != 0)
        {
            _metrics!.RecordDurations(answered, started, Stopwatch.GetTimestamp());
        }

        return true;
    }

    /// <summary>The replies could not be sent: that shows here sooner than in a read, but only the input can say why.</summary>
    private void CountUnsent(in ReadResult read)
    {
        ErrorType type = ErrorType.Transport;
        try
        {
            _input.AdvanceTo(read.Buffer.End);
            if (_input.TryRead(out ReadResult rest))
            {
                _input.AdvanceTo(rest.Buffer.End);
            }
        }
        catch (InvalidDataException)
        {
            type = ErrorType.Protocol;
        }
        catch (Exception exception) when (IsConnectionFailure(exception))
        {
        }

        CountFailure(type);
    }

    private bool IsTimed()
    {
        if (_metrics is null || --_untilTimed > 0)
        {
            return false;
        }

        _untilTimed = _metrics.TimedOneIn;
        return true;
    }

    // Requests that come in one go are counted in one go.
    private void ReportRequests()
    {
        if (_answered > 0)
        {
            _metrics?.CountRequests(_answered);
            _answered = 0;
        }
    }

    private void RequestClose()
    {
        _closeRequested = true;
        _input.CancelPendingRead();
    }

    private void CountFailure(ErrorType type)
    {
        if (!_activity.EndedHere && !_closeRequested)
        {
            _metrics?.CountError(type);
        }
    }

    // What a transport throws for a peer that is gone or was cut off; anything else is a bug and goes up.
    private bool IsConnectionFailure(Exception exception)
        => exception is ConnectionResetException or ConnectionAbortedException or IOException or OperationCanceledException
            || (exception is ObjectDisposedException && _connection.ConnectionClosed.IsCancellationRequested);
}
