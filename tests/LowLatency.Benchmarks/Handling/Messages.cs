namespace LowLatency.Benchmarks.Handling;

/// <summary>The smallest usual request, as it lies on the wire.</summary>
internal static class Messages
{
    internal static byte[] One(Framing framing) => framing switch
    {
        Framing.None => "hola"u8.ToArray(),
        Framing.Line => "hola\n"u8.ToArray(),
        Framing.LengthPrefix => [0, 0, 0, 4, .. "hola"u8],
        _ => throw new ArgumentOutOfRangeException(nameof(framing)),
    };
}
