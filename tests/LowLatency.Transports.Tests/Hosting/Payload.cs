using Xunit;

namespace LowLatency.Transports.Tests.Hosting;

/// <summary>Bytes that tell when one of them is lost, doubled or out of place.</summary>
internal static class Payload
{
    internal static byte[] Of(int length, int seed = 1)
    {
        byte[] bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    internal static void Same(ReadOnlyMemory<byte> expected, ReadOnlyMemory<byte> actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        int same = expected.Span.CommonPrefixLength(actual.Span);
        Assert.True(same == expected.Length, $"Byte {same} of {expected.Length} differs.");
    }
}
