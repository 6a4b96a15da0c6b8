using LowLatency.LoadTest.CommandLine;

namespace LowLatency.LoadTest.Tests.CommandLine;

public class PayloadTextTests
{
    [Theory]
    [InlineData("hola", new byte[] { 0x68, 0x6f, 0x6c, 0x61 })]
    [InlineData(@"\r\n\t\0\\", new byte[] { 13, 10, 9, 0, 0x5c })]
    [InlineData(@"a\x41\xfFb", new byte[] { 0x61, 0x41, 0xff, 0x62 })]
    [InlineData("ñ", new byte[] { 0xc3, 0xb1 })]
    [InlineData("", new byte[0])]
    public void Text_is_UTF8_with_escapes(string text, byte[] expected)
    {
        Assert.True(PayloadText.TryParse(text, out byte[]? bytes, out _));
        Assert.Equal(expected, bytes);
    }

    [Theory]
    [InlineData(@"\q", @"'\q'")]
    [InlineData(@"abc\", @"'\'")]
    [InlineData(@"\x1", @"'\x1'")]
    [InlineData(@"\xzz", @"'\xzz'")]
    public void An_unknown_escape_is_named(string text, string named)
    {
        Assert.False(PayloadText.TryParse(text, out _, out string? error));
        Assert.Contains(named, error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_at_sign_takes_the_bytes_of_a_file_as_they_are()
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, [0, 255, (byte)'\\', (byte)'n']);
            Assert.True(PayloadText.TryParse("@" + file, out byte[]? bytes, out _));
            Assert.Equal([0, 255, (byte)'\\', (byte)'n'], bytes);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        Assert.False(PayloadText.TryParse("@/nowhere/at/all", out _, out string? error));
        Assert.Contains("/nowhere/at/all", error, StringComparison.Ordinal);
    }
}
