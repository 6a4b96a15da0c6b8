using LowLatency.LoadTest.Reports;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.Tests.Reports;

public sealed class ProgressLineTests : IDisposable
{
    private readonly StringWriter _terminal = new();

    [Fact]
    public void A_line_tells_what_is_done_what_failed_and_how_long_it_takes()
    {
        new ProgressLine(_terminal).Show(new RunProgress(IsWarmUp: false, Done: 1_500, Failed: 2, Requests: 5_000, Left: TimeSpan.FromSeconds(7)));
        Assert.Matches(@"^\r[\d,]+ requests/s, 1,500 of 5,000 done, 2 failed, 7 s left\x1b\[K$", _terminal.ToString());
    }

    [Fact]
    public void The_rate_is_never_negative_when_counting_starts_again()
    {
        var line = new ProgressLine(_terminal);
        line.Show(new RunProgress(IsWarmUp: false, Done: 1_000, Failed: 0, Requests: null, Left: null), "1/2: ");
        line.Show(new RunProgress(IsWarmUp: false, Done: 10, Failed: 0, Requests: null, Left: null), "2/2: ");
        line.Show(new RunProgress(IsWarmUp: true, Done: 20, Failed: 0, Requests: null, Left: null), "2/2: ");
        Assert.DoesNotContain('-', _terminal.ToString());
        Assert.Contains("2/2: warming up: ", _terminal.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_never_shown_is_not_cleared()
    {
        new ProgressLine(_terminal).Clear();
        Assert.Empty(_terminal.ToString());
    }

    public void Dispose() => _terminal.Dispose();
}
