using LowLatency.Service.Hiccups;
using Xunit;

namespace LowLatency.Service.Tests.Observing;

/// <summary>What of a sleep counts as a hiccup.</summary>
public sealed class SleeperTests
{
    [Fact]
    public void Lateness_is_what_a_sleep_took_beyond_the_best_one_so_far()
    {
        var sleeper = new Sleeper();
        double[] slept = [10.3, 10.1, 10.4, 30.1, 10.1];
        double[] late = [.. slept.Select(milliseconds => sleeper.Lateness(TimeSpan.FromMilliseconds(milliseconds)).TotalMilliseconds)];
        Assert.Equal([0, 0, 0.3, 20, 0], late.Select(milliseconds => Math.Round(milliseconds, 6)));
    }
}
