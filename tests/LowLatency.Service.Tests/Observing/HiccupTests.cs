using System.Globalization;
using System.Text.RegularExpressions;
using LowLatency.Service.Tests.Running;
using Xunit;

namespace LowLatency.Service.Tests.Observing;

/// <summary>What the service tells of times in which the machine did not let it run.</summary>
public sealed partial class HiccupTests
{
    [Fact]
    public async Task A_service_that_was_stopped_for_a_while_tells_of_it()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync();
        await Deadline.UntilAsync("hiccups before", () => service.MetricAsync("lowlatency_hiccup_duration_seconds_count"), count => count > 1);
        double longBefore = await LongerThanAFifthOfASecondAsync(service);

        await service.SignalAsync("STOP");
        await Task.Delay(300, TestContext.Current.CancellationToken);
        await service.SignalAsync("CONT");

        await Deadline.UntilAsync("a long hiccup", () => LongerThanAFifthOfASecondAsync(service), count => count > longBefore);
    }

    private static async Task<double> LongerThanAFifthOfASecondAsync(ServiceProcess service)
    {
        string text = await service.ScrapeAsync();
        Dictionary<string, double> counts = Bucket().Matches(text)
            .ToDictionary(match => match.Groups[1].Value, match => double.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture));
        return counts["+Inf"] - counts["0.2"];
    }

    [GeneratedRegex("""^lowlatency_hiccup_duration_seconds_bucket\{.*le="([^"]+)"\} (\d+)""", RegexOptions.Multiline)]
    private static partial Regex Bucket();
}
