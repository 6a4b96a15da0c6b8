using System.Buffers;
using System.IO.Pipelines;
using LowLatency.Fuzz.Driver;
using LowLatency.Transports.PipeEnds;

namespace LowLatency.Fuzz.Targets.PipeEnds;

/// <summary>The same steps on our read end and on a <c>Pipe</c>.</summary>
/// <remarks>
/// Ours receives piece by piece, so that a read may bring less than the pipe's, and the end one read later. What must be the
/// same: which bytes, whether a read waits, whether it was cancelled, and what is refused.
/// </remarks>
internal sealed class ReaderWalk<TChannel> : IDisposable
    where TChannel : struct, IByteChannel
{
    private readonly ScriptedConnection<TChannel> _connection;
    private readonly ChannelScript _script;
    private readonly Action<bool, Action> _step;
    private readonly Pipe _pipe = new(new PipeOptions(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0, useSynchronizationContext: false));
    private readonly List<byte> _unfinished = [];
    private CancellationTokenSource _cancellation = new();
    private ValueTask<ReadResult>? _ours;
    private ValueTask<ReadResult> _theirs;
    private byte _next;
    private bool _ended;

    // Of what is not consumed: a pipe does not take back what was examined.
    private int _examined;

    internal ReaderWalk(ScriptedConnection<TChannel> connection, ChannelScript script, Action<bool, Action> step)
        => (_connection, _script, _step) = (connection, script, step);

    private PipeReader Reader => _connection.Reader;

    internal void Run(FuzzInput input)
    {
        while (!input.IsEmpty)
        {
            bool onLoop = input.Chance(2);
            switch (input.Below(8))
            {
                case 0 or 1 or 2 when !_ended:
                    Arrive(input);
                    break;
                case 3 when _ours is null:
                    BeginRead(onLoop);
                    break;
                case 4 when _ours is null:
                    TryRead(onLoop);
                    break;
                case 5:
                    _step(onLoop, Reader.CancelPendingRead);
                    _pipe.Reader.CancelPendingRead();
                    break;
                case 6:
                    _step(onLoop, _cancellation.Cancel);
                    break;
                case 7 when input.Chance(8) && !_ended:
                    End();
                    break;
            }

            if (_ours is ValueTask<ReadResult> ours)
            {
                if (TChannel.ReceiveIsCheap)
                {
                    _step(true, _connection.LookAround);
                }

                FuzzException.ThrowUnless(ours.IsCompleted == _theirs.IsCompleted, $"A read waits when a pipe's does: {!ours.IsCompleted} and not {!_theirs.IsCompleted}.");
                if (ours.IsCompleted)
                {
                    _ours = null;
                    Take(ours, input, onLoop);
                }
            }
        }
    }

    public void Dispose()
    {
        _step(false, () => Reader.Complete());
        FuzzException.ThrowUnless(Throws<InvalidOperationException>(() => Reader.TryRead(out _)), "A completed reader reads no more.");
        _step(true, () => _connection.Context.DisposeAsync().AsTask());
        _cancellation.Dispose();
    }

    private void Arrive(FuzzInput input)
    {
        byte[] bytes = [.. Enumerable.Range(0, 1 + input.Below(150)).Select(_ => _next++)];
        bool goesOn = TChannel.KeepsMessages && input.Chance(3);
        _script.Arrive(bytes, goesOn);
        _unfinished.AddRange(bytes);
        if (!goesOn)
        {
            WriteUnfinished();
        }

        _step(true, _connection.Arrived);
    }

    private void End()
    {
        _ended = true;
        _script.End();

        // A message that the end leaves unfinished nobody sees.
        _pipe.Writer.Complete();
        _step(true, _connection.Arrived);
    }

    private void WriteUnfinished()
    {
        _pipe.Writer.Write([.. _unfinished]);
        _unfinished.Clear();
        _ = _pipe.Writer.FlushAsync().AsTask();
    }

    private void BeginRead(bool onLoop)
    {
        if (_cancellation.IsCancellationRequested)
        {
            _cancellation.Dispose();
            _cancellation = new CancellationTokenSource();
        }

        _theirs = _pipe.Reader.ReadAsync(_cancellation.Token);
        _step(onLoop, () => _ours = Reader.ReadAsync(_cancellation.Token));
    }

    private void TryRead(bool onLoop)
    {
        bool ours = false;
        _step(onLoop, () =>
        {
            ours = Reader.TryRead(out ReadResult read);
            _ours = ours ? ValueTask.FromResult(read) : null;
        });
        bool theirs = _pipe.Reader.TryRead(out ReadResult their);
        _theirs = ValueTask.FromResult(their);
        FuzzException.ThrowUnless(ours == theirs, $"A try finds something when a pipe's does: {ours} and not {theirs}.");
    }

    private void Take(ValueTask<ReadResult> ours, FuzzInput input, bool onLoop)
    {
        ReadResult? ourResult = ResultUnlessCancelled(ours);
        ReadResult? theirResult = ResultUnlessCancelled(_theirs);
        FuzzException.ThrowUnless(ourResult.HasValue == theirResult.HasValue, $"A token cancels a read when it cancels a pipe's, and not otherwise: {!ourResult.HasValue}.");
        if (ourResult is not ReadResult our || theirResult is not ReadResult their)
        {
            return;
        }

        byte[] ourBytes = our.Buffer.ToArray();
        byte[] theirBytes = their.Buffer.ToArray();
        FuzzException.ThrowUnless(our.IsCanceled == their.IsCanceled, $"A read is cancelled when a pipe's is: {our.IsCanceled}.");
        FuzzException.ThrowUnless(
            theirBytes.AsSpan().StartsWith(ourBytes),
            "A read brings the stream's next bytes.");
        FuzzException.ThrowUnless(!our.IsCompleted || (their.IsCompleted && ourBytes.Length == theirBytes.Length), "The end comes behind all bytes.");

        int common = Math.Min(ourBytes.Length, theirBytes.Length);
        int consumed = input.Below(common + 1);
        int least = Math.Max(consumed, Math.Min(_examined, common));
        int examined = input.Chance(2) ? ourBytes.Length : least + input.Below(ourBytes.Length - least + 1);
        _examined = Math.Min(examined, theirBytes.Length) - consumed;

        _step(onLoop, () => Reader.AdvanceTo(our.Buffer.GetPosition(consumed), our.Buffer.GetPosition(examined)));

        // Where ours has seen all that it was shown, the pipe's has as well only if that was all.
        _pipe.Reader.AdvanceTo(their.Buffer.GetPosition(consumed), their.Buffer.GetPosition(Math.Min(examined, theirBytes.Length)));
    }

    private static ReadResult? ResultUnlessCancelled(ValueTask<ReadResult> read)
    {
        try
        {
            return read.Result;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private static bool Throws<T>(Action action)
        where T : Exception
    {
        try
        {
            action();
            return false;
        }
        catch (T)
        {
            return true;
        }
    }
}
