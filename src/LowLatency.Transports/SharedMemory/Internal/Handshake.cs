using System.Buffers.Binary;

namespace LowLatency.Transports.SharedMemory.Internal;

/// <summary>What the two sides tell each other over the control socket before they use the rings. Little-endian.</summary>
/// <remarks>
/// <para>
/// The client sends a hello, the server answers by a welcome, which the memory's descriptor comes along with. The client maps
/// it and says <see cref="Mapped"/>; the server sets the last seals, and says <see cref="Go"/>. From there on any byte on the
/// socket, either way, is a door bell, and its hang-up is the peer's end.
/// </para>
/// <para>Hello: magic (8), version (4), its length (4), wanted bytes of the request ring and of the reply ring (4 each, 0 for the server's choice), zeros.</para>
/// <para>Welcome: magic (8), version (4), status (4), bytes of the request ring and of the reply ring (4 each), of the region (8), zeros.</para>
/// </remarks>
internal static class Handshake
{
    internal const uint Version = 1;
    internal const int MessageBytes = 64;
    internal const byte Mapped = (byte)'M';
    internal const byte Go = (byte)'G';
    internal const byte Bell = (byte)'B';

    private static ReadOnlySpan<byte> Magic => "LLSHMRNG"u8;

    internal static void WriteHello(Span<byte> message, uint requestBytes, uint replyBytes)
    {
        message.Clear();
        Magic.CopyTo(message);
        BinaryPrimitives.WriteUInt32LittleEndian(message[8..], Version);
        BinaryPrimitives.WriteUInt32LittleEndian(message[12..], MessageBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(message[16..], requestBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(message[20..], replyBytes);
    }

    /// <summary>Reads a hello.</summary>
    /// <returns><see cref="HandshakeStatus.Ok"/>, or what it is refused with.</returns>
    internal static HandshakeStatus ReadHello(ReadOnlySpan<byte> message, out uint requestBytes, out uint replyBytes)
    {
        requestBytes = BinaryPrimitives.ReadUInt32LittleEndian(message[16..]);
        replyBytes = BinaryPrimitives.ReadUInt32LittleEndian(message[20..]);
        if (!message.StartsWith(Magic))
        {
            return HandshakeStatus.BadHello;
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(message[8..]) != Version)
        {
            return HandshakeStatus.VersionNotSupported;
        }

        bool good = BinaryPrimitives.ReadUInt32LittleEndian(message[12..]) == MessageBytes
            && (requestBytes == 0 || RingLayout.IsRingSize(requestBytes))
            && (replyBytes == 0 || RingLayout.IsRingSize(replyBytes));
        return good ? HandshakeStatus.Ok : HandshakeStatus.BadHello;
    }

    internal static void WriteWelcome(Span<byte> message, HandshakeStatus status, uint requestBytes, uint replyBytes)
    {
        message.Clear();
        Magic.CopyTo(message);
        BinaryPrimitives.WriteUInt32LittleEndian(message[8..], Version);
        BinaryPrimitives.WriteUInt32LittleEndian(message[12..], (uint)status);
        BinaryPrimitives.WriteUInt32LittleEndian(message[16..], requestBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(message[20..], replyBytes);
        BinaryPrimitives.WriteInt64LittleEndian(message[24..], status == HandshakeStatus.Ok ? SharedRegion.SizeOf(requestBytes, replyBytes) : 0);
    }

    /// <summary>Reads a welcome.</summary>
    /// <exception cref="IOException">The server has refused, or is none of ours; the message says why.</exception>
    internal static void ReadWelcome(ReadOnlySpan<byte> message, out uint requestBytes, out uint replyBytes)
    {
        var status = (HandshakeStatus)BinaryPrimitives.ReadUInt32LittleEndian(message[12..]);
        requestBytes = BinaryPrimitives.ReadUInt32LittleEndian(message[16..]);
        replyBytes = BinaryPrimitives.ReadUInt32LittleEndian(message[20..]);
        if (!message.StartsWith(Magic))
        {
            throw new IOException("What listens there does not speak the shared-memory protocol.");
        }

        if (status != HandshakeStatus.Ok)
        {
            throw new IOException($"The server has refused the connection: {Explain(status)}.");
        }

        if (!RingLayout.IsRingSize(requestBytes) || !RingLayout.IsRingSize(replyBytes)
            || BinaryPrimitives.ReadInt64LittleEndian(message[24..]) != SharedRegion.SizeOf(requestBytes, replyBytes))
        {
            throw new IOException("The server's answer makes no sense.");
        }
    }

    private static string Explain(HandshakeStatus status) => status switch
    {
        HandshakeStatus.VersionNotSupported => $"it does not speak version {Version} of the protocol",
        HandshakeStatus.NoMemory => "it has no memory left for the rings",
        HandshakeStatus.NotAllowed => "this user is not allowed to connect",
        HandshakeStatus.BadHello => "it did not understand the request for the rings",
        _ => $"status {(uint)status}",
    };
}

/// <summary>How a server answers a hello; the numbers are the protocol's.</summary>
internal enum HandshakeStatus : uint
{
    Ok = 0,
    VersionNotSupported = 1,
    NoMemory = 2,
    NotAllowed = 3,
    BadHello = 4,
}
