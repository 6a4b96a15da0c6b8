using LowLatency.LoadTest.CommandLine;

namespace LowLatency.LoadTest.Tests.CommandLine;

public class RateTextTests
{
    [Theory]
    [InlineData("1", 1)]
    [InlineData("0.5", 0.5)]
    [InlineData("100k", 100_000)]
    [InlineData("1.5M", 1_500_000)]
    [InlineData("100M", 100_000_000)]
    public void A_rate_may_be_a_fraction_and_have_a_unit(string text, double rate)
    {
        Assert.True(RateText.TryParse(text, out double read));
        Assert.Equal(rate, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("k")]
    [InlineData("0")]
    [InlineData("0k")]
    [InlineData("-1")]
    [InlineData("1e3")]
    [InlineData("100/s")]
    [InlineData("0.000001")]
    [InlineData("101M")]
    [InlineData("99999999999999999999999999999")]
    public void Anything_else_is_none(string text) => Assert.False(RateText.TryParse(text, out _));
}
