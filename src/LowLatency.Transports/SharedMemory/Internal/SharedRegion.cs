using LowLatency.Linux;

namespace LowLatency.Transports.SharedMemory.Internal;

/// <summary>The memory of one connection: two rings, mapped into this process.</summary>
internal sealed unsafe class SharedRegion : IDisposable
{
    private const string Name = "lowlatency-rings";

    // To go through so much memory takes a loop no longer than a few system calls do.
    private const long Large = 512 * 1024;

    private static ReadOnlySpan<byte> Magic => "LLSHMRNG"u8;

    private readonly MemoryFile _file;
    private readonly MemoryMapping _mapping;
    private int _descriptorClosed;

    private SharedRegion(MemoryFile file, MemoryMapping mapping, uint requestBytes, uint replyBytes)
    {
        _file = file;
        _mapping = mapping;
        byte* requests = mapping.Start + RingLayout.HeaderBytes;
        byte* replies = requests + (2L * requestBytes);
        Requests = new RingWords(requests, mapping.Start + RingLayout.RequestWords, requestBytes);
        Replies = new RingWords(replies, mapping.Start + RingLayout.ReplyWords, replyBytes);
    }

    /// <summary>From the client to the server.</summary>
    internal RingWords Requests { get; }

    /// <summary>From the server to the client.</summary>
    internal RingWords Replies { get; }

    /// <summary>Whether a loop has no time to go through it.</summary>
    internal bool IsLarge => SizeOf(Requests.Bytes, Replies.Bytes) > Large;

    /// <summary>What is passed to the client.</summary>
    internal MemoryFile File => _file;

    internal static long SizeOf(uint requestBytes, uint replyBytes) => RingLayout.HeaderBytes + (long)requestBytes + replyBytes;

    /// <summary>Makes a region whose size is final and whose memory is there.</summary>
    /// <returns><see cref="Errno.None"/>, or why not; as a rule there is no memory.</returns>
    internal static Errno TryCreate(uint requestBytes, uint replyBytes, out SharedRegion? region)
    {
        region = null;
        Errno error = MemoryFile.TryCreate(Name, SizeOf(requestBytes, replyBytes), out MemoryFile? file);
        if (error != Errno.None)
        {
            return error;
        }

        // Before it leaves our hands: a mapped file that shrinks ends the process that touches it.
        error = file!.TryAddSeals(MemorySeals.Shrink | MemorySeals.Grow);
        error = error == Errno.None ? TryMap(file, requestBytes, replyBytes, out region) : error;
        if (error != Errno.None)
        {
            file.Dispose();
            return error;
        }

        region!.WriteHeader();
        return Errno.None;
    }

    /// <summary>Maps what a server has passed.</summary>
    /// <param name="file">Its file; belongs to the region from here on, whatever comes of it.</param>
    /// <param name="requestBytes">As the server said.</param>
    /// <param name="replyBytes">As the server said.</param>
    /// <param name="region">The region.</param>
    internal static Errno TryOpen(MemoryFile file, uint requestBytes, uint replyBytes, out SharedRegion? region)
    {
        region = null;
        const MemorySeals Final = MemorySeals.Shrink | MemorySeals.Grow;
        Errno error = file.TryGetSeals(out MemorySeals seals);
        if (error == Errno.None)
        {
            error = (seals & Final) == Final && file.TryGetLength(out long length) == Errno.None && length == SizeOf(requestBytes, replyBytes)
                ? TryMap(file, requestBytes, replyBytes, out region)
                : Errno.Protocol;
        }

        if (error != Errno.None)
        {
            file.Dispose();
        }

        return error;
    }

    /// <summary>Once both sides have mapped it: nobody maps it for writing any more, and no page has gone missing meanwhile.</summary>
    internal Errno TryClose()
    {
        const MemorySeals Last = MemorySeals.FutureWrite | MemorySeals.Seal;
        Errno error = _file.TryAddSeals(Last);
        if (error == Errno.None)
        {
            error = _file.TryGetSeals(out MemorySeals seals);
            error = error == Errno.None && (seals & Last) != Last ? Errno.Protocol : error;
        }

        return error == Errno.None ? _mapping.TryPopulate() : error;
    }

    /// <summary>The descriptor is not needed any more; the memory stays mapped.</summary>
    internal void CloseDescriptor()
    {
        if (Interlocked.Exchange(ref _descriptorClosed, 1) == 0)
        {
            _file.Dispose();
        }
    }

    /// <summary>Gives the memory back; if it is large, a pool thread does, soon.</summary>
    public void Dispose()
    {
        CloseDescriptor();
        if (IsLarge)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static mapping => mapping.Dispose(), _mapping, preferLocal: false);
        }
        else
        {
            _mapping.Dispose();
        }
    }

    private static Errno TryMap(MemoryFile file, uint requestBytes, uint replyBytes, out SharedRegion? region)
    {
        region = null;
        long requests = RingLayout.HeaderBytes;
        long replies = requests + requestBytes;
        Errno error = MemoryMapping.TryMap(
            file,
            [
                new MemoryRange(0, RingLayout.HeaderBytes),
                new MemoryRange(requests, requestBytes),
                new MemoryRange(requests, requestBytes),
                new MemoryRange(replies, replyBytes),
                new MemoryRange(replies, replyBytes),
            ],
            out MemoryMapping? mapping);
        if (error != Errno.None)
        {
            return error;
        }

        error = mapping!.TryPopulate();
        if (error != Errno.None)
        {
            mapping.Dispose();
            return error;
        }

        region = new SharedRegion(file, mapping, requestBytes, replyBytes);
        return Errno.None;
    }

    // For whoever looks at the memory from outside; the two sides go by the handshake.
    private void WriteHeader()
    {
        var header = new Span<byte>(_mapping.Start, 24);
        Magic.CopyTo(header);
        BitConverter.TryWriteBytes(header[8..], Handshake.Version);
        BitConverter.TryWriteBytes(header[12..], RingLayout.HeaderBytes);
        BitConverter.TryWriteBytes(header[16..], Requests.Bytes);
        BitConverter.TryWriteBytes(header[20..], Replies.Bytes);
    }
}
