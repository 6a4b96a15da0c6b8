using FsCheck;
using FsCheck.Fluent;

namespace LowLatency.Core.Tests.Framing;

/// <summary>Lines of every ending, about one in six of them too long, and a tail that may have no end.</summary>
public sealed record LineBytes(byte[] Bytes)
{
    // A small alphabet, so that CR and LF are met often and in every order.
    internal static Gen<LineBytes> Any { get; } =
        from lines in Line.ListOf()
        select new LineBytes([.. lines.SelectMany(line => line)]);

    private static Gen<byte[]> Line =>
        from length in Gen.Choose(0, 24)
        from content in Gen.Elements((byte)'a', (byte)'b', (byte)'\r', (byte)0).ArrayOf(length)
        from ending in Gen.Elements("\n", "\r\n", "\n", "")
        select (byte[])[.. content, .. ending.Select(next => (byte)next)];
}

/// <summary>Messages behind their length, some of them too long or shorter than it says.</summary>
public sealed record PrefixedBytes(byte[] Bytes)
{
    internal static Gen<PrefixedBytes> Any { get; } =
        from messages in Message.ListOf()
        select new PrefixedBytes([.. messages.SelectMany(message => message)]);

    private static Gen<byte[]> Message =>
        from length in Gen.Frequency((12, Gen.Choose(0, 20)), (1, Gen.Choose(21, 24)))
        from missing in Gen.Frequency((12, Gen.Constant(0)), (1, Gen.Choose(0, length)))
        from content in Gen.Choose(0, 255).Select(value => (byte)value).ArrayOf(length - missing)
        select (byte[])[.. NaiveFraming.Prefix(length), .. content];
}

/// <summary>Tells FsCheck of the streams.</summary>
public static class Streams
{
    public static Arbitrary<LineBytes> Lines() => LineBytes.Any.ToArbitrary();

    public static Arbitrary<PrefixedBytes> Prefixed() => PrefixedBytes.Any.ToArbitrary();
}
