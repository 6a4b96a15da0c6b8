using LowLatency.LoadTest.CommandLine;

namespace LowLatency.LoadTest.Tests.CommandLine;

public class DurationTextTests
{
    [Theory]
    [InlineData("200ns", 2)]
    [InlineData("5us", 50)]
    [InlineData("500ms", 5_000_000)]
    [InlineData("1.5s", 15_000_000)]
    [InlineData("2m", 1_200_000_000)]
    [InlineData("0", 0)]
    [InlineData("0s", 0)]
    public void A_number_with_a_unit_is_a_time(string text, long ticks)
    {
        Assert.True(DurationText.TryParse(text, out TimeSpan time));
        Assert.Equal(TimeSpan.FromTicks(ticks), time);
    }

    [Theory]
    [InlineData("")]
    [InlineData("10")]
    [InlineData("s")]
    [InlineData("10h")]
    [InlineData("10S")]
    [InlineData("-1s")]
    [InlineData("1 s")]
    [InlineData("1,5s")]
    [InlineData("1e3s")]
    [InlineData("99999999999m")]
    [InlineData("1ns")]
    public void Anything_else_is_none(string text) => Assert.False(DurationText.TryParse(text, out _));
}
