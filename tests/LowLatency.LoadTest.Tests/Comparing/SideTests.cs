using LowLatency.LoadTest.Comparing;

namespace LowLatency.LoadTest.Tests.Comparing;

public class SideTests
{
    [Fact]
    public void A_URL_is_a_target()
    {
        Assert.True(Side.TryParse("tcp://127.0.0.1:8081", out Side? side, out _));
        Assert.Equal("tcp://127.0.0.1:8081", side.Target?.Text);
    }

    [Fact]
    public void Settings_are_those_of_a_service_to_be_started()
    {
        Assert.True(Side.TryParse("Polling:WaitStrategy=Blocking LowLatency:Metrics:Enabled=false", out Side? side, out _));
        Assert.Null(side.Target);
        Assert.Null(side.Service);
        Assert.Equal(["LowLatency:Polling:WaitStrategy=Blocking", "LowLatency:Metrics:Enabled=false"], side.Settings);
    }

    [Fact]
    public void Nothing_is_the_service_as_it_is()
    {
        Assert.True(Side.TryParse("", out Side? side, out _));
        Assert.Equal((null, null), (side.Target, side.Service));
        Assert.Empty(side.Settings);
    }

    [Fact]
    public void A_path_is_another_build()
    {
        string build = typeof(SideTests).Assembly.Location;

        Assert.True(Side.TryParse($"{build} Metrics:Enabled=false", out Side? side, out _));
        Assert.Equal(build, side.Service);
        Assert.Single(side.Settings);
    }

    [Theory]
    [InlineData("tcp://nowhere", "tcp://nowhere")]
    [InlineData("/nowhere/at/all.dll", "/nowhere/at/all.dll")]
    [InlineData("Metrics:Enabled=false nonsense", "nonsense")]
    [InlineData("=5", "=5")]
    public void Anything_else_is_named(string text, string named)
    {
        Assert.False(Side.TryParse(text, out _, out string? error));
        Assert.Contains(named, error, StringComparison.Ordinal);
    }
}
