using LowLatency.Linux;
using LowLatency.Transports.PipeEnds;

namespace LowLatency.Fuzz.Targets.PipeEnds;

/// <summary>What a peer does: the arrivals that a receive finds, and the room that a send finds. Locked, as the kernel is.</summary>
internal sealed class ChannelScript
{
    private const int MostAtOnce = 1 << 20;

    private static readonly byte[] StreamBytes = [.. Enumerable.Range(0, MostAtOnce + 251).Select(index => (byte)(index % 251))];

    private readonly Lock _gate = new();
    private readonly Queue<(byte[] Bytes, bool GoesOn)> _arrivals = new();
    private int _takenOfFirst;
    private bool _ended;
    private Errno _failure;
    private long _room;

    internal bool MessageGoesOn { get; private set; }

    /// <summary>How many bytes were sent.</summary>
    internal long Sent { get; private set; }

    /// <summary>All that was sent stood in <see cref="Stream"/> at its place.</summary>
    internal bool SentTheStream { get; private set; } = true;

    /// <summary>Bytes whose place can be told from them, nearly: 251 is prime to every size of a block.</summary>
    internal static ReadOnlySpan<byte> Stream(long from, int count) => StreamBytes.AsSpan((int)(from % 251), count);

    internal void Arrive(byte[] bytes, bool goesOn)
    {
        lock (_gate)
        {
            _arrivals.Enqueue((bytes, goesOn));
        }
    }

    internal void End()
    {
        lock (_gate)
        {
            _ended = true;
        }
    }

    /// <summary>Sends fail from here on.</summary>
    internal void Fail()
    {
        lock (_gate)
        {
            _failure = Errno.ConnectionReset;
        }
    }

    internal void MakeRoom(int bytes)
    {
        lock (_gate)
        {
            _room += bytes;
        }
    }

    internal IoResult Receive(Span<byte> buffer)
    {
        lock (_gate)
        {
            if (!_arrivals.TryPeek(out (byte[] Bytes, bool GoesOn) first))
            {
                return _ended ? IoResult.Done(0) : IoResult.Failed(Errno.Again);
            }

            int count = Math.Min(buffer.Length, first.Bytes.Length - _takenOfFirst);
            first.Bytes.AsSpan(_takenOfFirst, count).CopyTo(buffer);
            _takenOfFirst += count;
            MessageGoesOn = first.GoesOn || _takenOfFirst < first.Bytes.Length;
            if (_takenOfFirst == first.Bytes.Length)
            {
                _arrivals.Dequeue();
                _takenOfFirst = 0;
            }

            return IoResult.Done(count);
        }
    }

    internal IoResult Send(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (_failure != Errno.None)
            {
                return IoResult.Failed(_failure);
            }

            int count = (int)Math.Min(Math.Min(bytes.Length, MostAtOnce), _room);
            if (count == 0)
            {
                return IoResult.Failed(Errno.Again);
            }

            _room -= count;
            SentTheStream &= bytes[..count].SequenceEqual(Stream(Sent, count));
            Sent += count;
            return IoResult.Done(count);
        }
    }
}

/// <summary>A channel as a socket is: a stream, and each look a system call.</summary>
internal readonly struct StreamChannel(ChannelScript script) : IByteChannel
{
    public static bool KeepsMessages => false;

    public static bool ReceiveIsCheap => false;

    public bool MessageGoesOn => false;

    public IoResult Receive(Span<byte> buffer) => script.Receive(buffer);

    public IoResult Send(ReadOnlySpan<byte> bytes, bool messageGoesOn) => script.Send(bytes);

    public void Flushed()
    {
    }
}

/// <summary>A channel as a ring is: messages, and a look costs nothing.</summary>
internal readonly struct MessageChannel(ChannelScript script) : IByteChannel
{
    public static bool KeepsMessages => true;

    public static bool ReceiveIsCheap => true;

    public bool MessageGoesOn => script.MessageGoesOn;

    public IoResult Receive(Span<byte> buffer) => script.Receive(buffer);

    public IoResult Send(ReadOnlySpan<byte> bytes, bool messageGoesOn) => script.Send(bytes);

    public void Flushed()
    {
    }
}
