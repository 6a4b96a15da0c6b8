using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace LowLatency.Core.Tests.Connections;

/// <summary>What the wall clock says is nobody's deadline.</summary>
public sealed class WallClockTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void A_wall_clock_that_jumps_by_an_hour_ends_nobody_and_keeps_nobody(int hours)
    {
        var monotonic = new FakeTimeProvider();
        var clock = new JumpingClock(monotonic);
        using var connection = new InMemoryConnection();
        using var handler = new ResponderConnectionHandler(new BracketResponder(), new ResponderOptions { IdleTimeout = Timeout }, metrics: null, clock);
        Task serving = handler.OnConnectedAsync(connection);
        monotonic.Advance(Timeout / 4);

        clock.Jump = TimeSpan.FromHours(hours);
        monotonic.Advance(Timeout / 4);
        Assert.False(serving.IsCompleted);

        monotonic.Advance(Timeout);
        Assert.True(serving.IsCompleted);
    }

    private sealed class JumpingClock(TimeProvider monotonic) : TimeProvider
    {
        internal TimeSpan Jump { get; set; }

        public override long TimestampFrequency => monotonic.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => monotonic.GetUtcNow() + Jump;

        public override long GetTimestamp() => monotonic.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
            => monotonic.CreateTimer(callback, state, dueTime, period);
    }
}
