using System.Buffers;
using System.IO.Pipelines;
using LowLatency.Linux;
using Microsoft.AspNetCore.Connections;

namespace LowLatency.LoadTest.Connections;

/// <summary>A wire over rings in shared memory for a worker that sleeps: the connection's loop sleeps in its place, and is rung for.</summary>
/// <remarks>Trades speed for idleness: the loop hands every reply over, and a request that has to wait for one allocates.</remarks>
internal sealed class PipedRingWire(Attachment attachment) : IRingWire
{
    private IDuplexPipe? _pipes;
    private Task<ReadResult>? _reading;
    private Task<FlushResult>? _sending;
    private int _sent;

    public int Descriptor => -1;

    public bool LooksAreCheap => true;

    public Task Attached => attachment.Handshake;

    /// <summary>Ends when there is something to receive, or room to send again; <c>null</c> when nothing is waited for.</summary>
    public Task? Moved => _sending ?? (Task?)_reading;

    public IoResult Send(ReadOnlySpan<byte> bytes)
    {
        if (_pipes is null && TryAttach() is var error and not Errno.None)
        {
            return IoResult.Failed(error);
        }

        if (_sending is null)
        {
            if (bytes.IsEmpty)
            {
                return IoResult.Done(0);
            }

            // The pipe takes all of it, and tells when it is out.
            _pipes!.Output.Write(bytes);
            _sent = bytes.Length;
            _sending = _pipes.Output.FlushAsync().AsTask();
        }

        if (!_sending.IsCompleted)
        {
            return IoResult.Failed(Errno.Again);
        }

        bool isOut = _sending.IsCompletedSuccessfully && !_sending.Result.IsCompleted;
        _sending = null;
        return isOut ? IoResult.Done(_sent) : IoResult.Failed(Errno.BrokenPipe);
    }

    public IoResult Receive(Span<byte> buffer)
    {
        _reading ??= _pipes!.Input.ReadAsync().AsTask();
        if (!_reading.IsCompleted)
        {
            return IoResult.Failed(Errno.Again);
        }

        if (!_reading.IsCompletedSuccessfully)
        {
            return IoResult.Failed(Errno.ConnectionReset);
        }

        ReadOnlySequence<byte> arrived = _reading.Result.Buffer;
        ReadOnlySequence<byte> taken = arrived.Slice(0, Math.Min(arrived.Length, buffer.Length));
        taken.CopyTo(buffer);
        int count = (int)taken.Length;
        _pipes!.Input.AdvanceTo(taken.End);
        _reading = null;
        return IoResult.Done(count);
    }

    public void Dispose() => attachment.Dispose();

    private Errno TryAttach()
    {
        Errno error = attachment.TryGet(out ConnectionContext? connection);
        _pipes = connection?.Transport;
        return error;
    }
}
