using LowLatency.LoadTest.CommandLine;

namespace LowLatency.LoadTest.Tests.CommandLine;

public class CountTextTests
{
    [Theory]
    [InlineData("1", 1)]
    [InlineData("100", 100)]
    [InlineData("100k", 100_000)]
    [InlineData("1.5k", 1_500)]
    [InlineData("2M", 2_000_000)]
    public void A_whole_number_with_or_without_a_suffix_is_a_count(string text, long expected)
    {
        Assert.True(CountText.TryParse(text, out long count));
        Assert.Equal(expected, count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("0k")]
    [InlineData("-5")]
    [InlineData("1.5")]
    [InlineData("1.0001k")]
    [InlineData("k")]
    [InlineData("5K")]
    [InlineData("5m")]
    [InlineData("9999999999M")]
    [InlineData("79228162514264337593543950335")]
    public void Anything_else_is_none(string text) => Assert.False(CountText.TryParse(text, out _));
}
