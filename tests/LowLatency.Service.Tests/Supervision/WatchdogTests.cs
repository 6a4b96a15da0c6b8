using System.Globalization;
using LowLatency.Service.Supervision;
using LowLatency.Service.Tests.Running;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace LowLatency.Service.Tests.Supervision;

/// <summary>How often the service says that it lives, whatever it is told of that.</summary>
public sealed class WatchdogTests
{
    private const double Day = 24 * 60 * 60 * 1000;

    [Theory]
    [InlineData("1", 2)]
    [InlineData("1500", 2)]
    [InlineData("30000000", 30_000)]
    [InlineData("17280000000000", Day)]
    [InlineData("9223372036854775807", Day)]
    [InlineData("18446744073709551615", Day)]
    [InlineData("99999999999999999999999999", Day)]
    public void A_period_is_one_that_a_timer_takes(string microseconds, double milliseconds)
        => Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), Watchdog.Read(microseconds, process: null));

    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("0", null)]
    [InlineData("-1", null)]
    [InlineData("soon", null)]
    [InlineData("1000000", "1")]
    public void Without_a_period_for_this_process_there_is_no_watchdog(string? microseconds, string? process)
        => Assert.Null(Watchdog.Read(microseconds, process));

    [Fact]
    public void A_period_may_be_meant_for_this_process_by_name()
        => Assert.NotNull(Watchdog.Read("1000000", Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));

    [Fact]
    public async Task One_that_fails_is_logged_and_ends_nothing_else()
    {
        var log = new LogLines();
        await using ServiceProvider services = new ServiceCollection().BuildServiceProvider();

        await Watchdog.RunAsync(() => throw new InvalidOperationException(), TimeSpan.FromHours(1), services, log, TestContext.Current.CancellationToken);

        Assert.Equal(LogLevel.Error, Assert.Single(log.Lines).Level);
    }
}
