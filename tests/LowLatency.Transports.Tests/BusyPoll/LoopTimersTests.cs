using LowLatency.Transports.Polling;
using Xunit;

namespace LowLatency.Transports.Tests.BusyPoll;

/// <summary>What a loop runs later is run soon after it is due, whatever the loop has done before.</summary>
public sealed class LoopTimersTests
{
    [Fact]
    public void A_timer_runs_behind_any_number_of_messages_that_came_while_none_was_pending()
    {
        var timers = new LoopTimers();
        for (long message = 0; message <= int.MaxValue / 16; message++)
        {
            timers.Took(1);
        }

        bool hasRun = false;
        timers.Add(TimeSpan.Zero, _ => hasRun = true, null);
        for (int round = 0; round < 256; round++)
        {
            timers.RunNowAndThen();
        }

        Assert.True(hasRun);
    }
}
