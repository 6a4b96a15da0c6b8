using LowLatency.LoadTest.CommandLine;
using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Tests.Measurement;
using LowLatency.LoadTest.Tests.Servers;
using LowLatency.LoadTest.Thresholds;

namespace LowLatency.LoadTest.Tests.Thresholds;

public class ThresholdTests
{
    // 1 us, 2 us ... 10,000 us.
    private static RunResult Run { get; } = Results.Of(Enumerable.Range(1, 10_000).Select(microseconds => microseconds * 1_000L), timeouts: 2);

    [Theory]
    [InlineData("min<=1us")]
    [InlineData("min == 1000ns")]
    [InlineData("mean>5ms")]
    [InlineData("mean<5.01ms")]
    [InlineData("max<=10ms")]
    [InlineData(" p50 < 5.01ms ")]
    [InlineData("p99.9>9.98ms")]
    [InlineData("p12.5<1.26ms")]
    [InlineData("service_p99<10ms")]
    [InlineData("errors==2")]
    [InlineData("errors!=0")]
    [InlineData("timeout<3")]
    [InlineData("bad_reply==0")]
    [InlineData("ok>=10k")]
    [InlineData("under_1ms>0.0998")]
    [InlineData("under_1ms<10%")]
    [InlineData("under_2ms>0.198")]
    [InlineData("under_2ms<=0.2")]
    [InlineData("requests_per_second>=10k")]
    [InlineData("rate>=0.999")]
    public void A_bar_that_is_held(string text) => Assert.True(Verdict(text).IsHeld);

    [Theory]
    [InlineData("min<1us")]
    [InlineData("max<10ms")]
    [InlineData("p50<5ms")]
    [InlineData("ok!=10k")]
    [InlineData("errors==0")]
    [InlineData("under_1ms>0.1")]
    [InlineData("requests_per_second>100k")]
    [InlineData("rate>=1")]
    public void A_bar_that_is_missed_is_told_with_the_figure(string text)
    {
        ThresholdVerdict verdict = Verdict(text);
        Assert.Equal((false, null), (verdict.IsHeld, verdict.WhyNone));
        Assert.Contains(verdict.Explanation, char.IsDigit);
    }

    [Theory]
    [InlineData("p99.99<1s")]
    [InlineData("p99.99>0")]
    [InlineData("p99.95<1s")]
    public void A_percentile_that_the_sample_cannot_carry_is_missed_whatever_the_bound(string text)
    {
        ThresholdVerdict verdict = Verdict(text);
        Assert.Equal((false, null), (verdict.IsHeld, verdict.Actual));
        Assert.Contains("cannot carry", verdict.Explanation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("p99<1s")]
    [InlineData("under_1ms>0")]
    [InlineData("rate>=0")]
    public void Where_nothing_was_answered_no_bar_of_an_answer_is_held(string text)
        => Assert.Equal("nothing was answered", Parse(text).Judge(Results.Of([])).Explanation);

    [Fact]
    public void In_an_open_loop_the_rate_is_that_of_the_schedule()
        => Assert.Equal(0.5, Parse("rate>=0.99").Judge(Results.Of([1_000], workload: Results.Workload() with { Rate = 2 })).Actual);

    [Theory]
    [InlineData("p99.9", "one of <")]
    [InlineData("p99<50", "a time such as 50us")]
    [InlineData("p99<fast", "a time such as 50us")]
    [InlineData("p99=50us", "one of <")]
    [InlineData("p99<>50us", "one of <")]
    [InlineData("p100<50us", "any other percentile")]
    [InlineData("p0<50us", "any other percentile")]
    [InlineData("p99.9.9<50us", "any other percentile")]
    [InlineData("latency<50us", "any other percentile")]
    [InlineData("under_1<0.9", "any other percentile")]
    [InlineData("under_1ms>99", "a share such as")]
    [InlineData("errors==none", "a number such as")]
    [InlineData("errors==-1", "a number such as")]
    [InlineData("", "one of <")]
    public void A_threshold_that_is_none_is_one_line_that_says_what_is_allowed(string text, string allowed)
    {
        var run = Invocation.Of("--threshold", "errors==0", "--threshold", text);
        Assert.Equal(ExitCode.Usage, run.ExitCode);
        Assert.Contains("--threshold", run.OnlyErrorLine, StringComparison.Ordinal);
        Assert.Contains(allowed, run.OnlyErrorLine, StringComparison.Ordinal);
        Assert.Empty(run.Output);
    }

    [Fact]
    public void A_missed_threshold_is_a_cross_an_exit_code_and_a_line_and_a_held_one_is_a_tick()
    {
        using var server = TestServer.Answering("respuesta"u8.ToArray());

        var run = Invocation.Of(server.Url, "-n", "100", "--warmup", "0", "--sidecar", "none", "--threshold", "errors==0", "--threshold", "p99<10s", "--threshold", "max<1ns");

        Assert.Equal(ExitCode.ThresholdMissed, run.ExitCode);
        Assert.Matches("✓ errors==0 +0", run.Output);
        Assert.Matches("✗ p99<10s +the sample of 100 cannot carry it", run.Output);
        Assert.Matches(@"✗ max<1ns +[\d.]+ [num]s", run.Output);
        Assert.Contains("missed p99<10s", run.OnlyErrorLine, StringComparison.Ordinal);
        Assert.DoesNotContain("errors==0", run.OnlyErrorLine, StringComparison.Ordinal);
    }

    [Fact]
    public void Thresholds_that_are_all_held_change_nothing()
    {
        using var server = TestServer.Answering("respuesta"u8.ToArray());

        var run = Invocation.Of(server.Url, "-n", "100", "--warmup", "0", "--sidecar", "none", "--json", "-", "--threshold", "errors==0", "--threshold", "p50<10s");

        Assert.Equal(ExitCode.Fine, run.ExitCode);
        Assert.Equal(["errors==0", "p50<10s"], run.Run["thresholds"]!.AsArray().Select(verdict => (string)verdict!["threshold"]!));
        Assert.All(run.Run["thresholds"]!.AsArray(), verdict => Assert.True((bool)verdict!["held"]!));
    }

    [Fact]
    public void A_run_that_could_not_be_made_is_not_a_missed_threshold()
    {
        using var server = TestServer.Answering("otra"u8.ToArray());
        Assert.Equal(ExitCode.CouldNotRun, Invocation.Of(server.Url, "-n", "10", "--warmup", "0", "--sidecar", "none", "--threshold", "errors==0").ExitCode);
    }

    private static ThresholdVerdict Verdict(string text) => Parse(text).Judge(Run);

    private static Threshold Parse(string text)
        => Threshold.TryParse(text, out Threshold? threshold, out string? error) ? threshold : throw new ArgumentException(error, nameof(text));
}
