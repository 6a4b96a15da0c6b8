using LowLatency.LoadTest.Measurement;

namespace LowLatency.LoadTest.Tests.Measurement;

public class ClockCostTests
{
    [Fact]
    public void A_look_at_the_clock_is_measured_once_and_is_not_free()
    {
        Assert.True(ClockCost.Nanoseconds > 0);
        Assert.Equal(ClockCost.Nanoseconds, ClockCost.Nanoseconds);
    }
}
