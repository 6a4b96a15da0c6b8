using LowLatency.LoadTest.Sweeping;

namespace LowLatency.LoadTest.Tests.Sweeping;

public class LoadRangeTests
{
    [Theory]
    [InlineData("10:30:10", new long[] { 10, 20, 30 })]
    [InlineData("1k:2.5k:1k", new long[] { 1_000, 2_000 })]
    [InlineData("1:64:x2", new long[] { 1, 2, 4, 8, 16, 32, 64 })]
    [InlineData("1k:50k:x10", new long[] { 1_000, 10_000 })]
    [InlineData("5:5:1", new long[] { 5 })]
    [InlineData("100k", new long[] { 100_000 })]
    public void A_range_is_from_to_and_a_step_or_a_factor(string text, long[] expected)
    {
        Assert.True(LoadRange.TryParse(text, out long[]? loads));
        Assert.Equal(expected, loads);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1:2")]
    [InlineData("1:2:3:4")]
    [InlineData("2:1:1")]
    [InlineData("1:10:0")]
    [InlineData("1:10:x1")]
    [InlineData("1:10:x")]
    [InlineData("1:10:-1")]
    [InlineData("0:10:1")]
    [InlineData("1:1001:1")]
    [InlineData("a:b:c")]
    public void Anything_else_is_none(string text) => Assert.False(LoadRange.TryParse(text, out _));

    [Fact]
    public void A_step_beyond_what_a_number_holds_ends_the_range()
    {
        Assert.True(LoadRange.TryParse("1:1000000000M:x1000000000M", out long[]? loads));
        Assert.Equal([1, 1_000_000_000_000_000], loads);
    }
}
