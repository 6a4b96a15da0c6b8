using System.Numerics;
using LowLatency.Fuzz.Driver;
using LowLatency.Transports.SharedMemory.Internal;

namespace LowLatency.Fuzz.Targets.Rings;

/// <summary>Either message of the handshake, of any bytes: understood, or refused in the way that is declared.</summary>
internal sealed class HandshakeTarget() : FuzzTarget(
    "handshake", "LLSHMRNG", "\u0001\0\0\0", "\u0040\0\0\0", "\0\u0010\0\0", "\0\0\u0010\0", "LLSHMRNG\u0001\0\0\0\u0040\0\0\0\0\u0010\0\0\0\u0010\0\0", "LLSHMRNG\u0001\0\0\0\0\0\0\0\0\u0010\0\0\0\u0010\0\0\0\u0030\0\0\0\0\0\0")
{
    public override void Run(FuzzInput input)
    {
        Span<byte> message = stackalloc byte[Handshake.MessageBytes];
        input.Data(message.Length).Span.CopyTo(message);
        if (Handshake.ReadHello(message, out uint requests, out uint replies) == HandshakeStatus.Ok)
        {
            Require((requests == 0 || CanBe(requests)) && (replies == 0 || CanBe(replies)), "A hello that is taken asks for rings that there can be.");
        }

        try
        {
            Handshake.ReadWelcome(message, out requests, out replies);
            Require(CanBe(requests) && CanBe(replies), "A welcome that is taken names rings that there can be.");
        }
        catch (IOException refusal)
        {
            Require(!refusal.Message.Contains('\n'), "A refusal is one line.");
        }
    }

    // As it stands in the documentation, and not as the code under test has it.
    private static bool CanBe(uint ringBytes)
        => BitOperations.PopCount(ringBytes) == 1 && ringBytes >= Math.Max(4096, Environment.SystemPageSize) && ringBytes <= 64 * 1024 * 1024;
}
