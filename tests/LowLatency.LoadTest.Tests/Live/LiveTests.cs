using LowLatency.LoadTest.CommandLine;
using LowLatency.LoadTest.Live;
using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Reports;
using LowLatency.LoadTest.Tests.Measurement;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.Tests.Live;

public sealed class LiveTests : IDisposable
{
    private readonly StringWriter _writer = new();

    [Fact]
    public void A_panel_tells_the_rate_percentiles_so_far_errors_and_the_time_left()
    {
        PlainConsole.On(_writer).Write(LivePanel.Draw(Results.Workload() with { Duration = TimeSpan.FromSeconds(10) }, name: "3/7", Progress(failed: 3), rate: 12_345));
        string text = _writer.ToString();
        Assert.Contains("3/7: tcp://127.0.0.1:8080, ping-pong", text, StringComparison.Ordinal);
        Assert.Matches("rate +12,345 requests/s", text);
        Assert.Matches(@"p50 +5\.\d\d us", text);
        Assert.Matches(@"p99 +9\.\d\d us", text);
        Assert.Matches("p99.9 +-", text);
        Assert.Matches("errors +3", text);
        Assert.Matches("time left +7 s +━+─", text);
    }

    [Fact]
    public void Lines_come_every_second_at_first_and_every_ten_later()
    {
        var lines = new PlainLines(_writer);
        for (double elapsed = 0; elapsed < 40; elapsed += 0.5)
        {
            lines.Show(Progress(failed: 0), TimeSpan.FromSeconds(elapsed));
        }

        string[] written = _writer.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(9 + 3, written.Length);
        Assert.All(written, line => Assert.Matches(@"^[\d,]+ requests/s, p50 5\.\d\d us, p99 9\.\d\d us, p99\.9 -, 0 errors, 7 s left$", line));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Who_is_quiet_shows_nothing_and_gives_the_result_all_the_same(bool isTerminal)
    {
        var terminal = new Terminal(TextWriter.Null, _writer, isTerminal);
        Assert.Equal(7, LiveView.Watch(terminal, isQuiet: true, Results.Workload(), name: null, watch =>
        {
            watch(Progress(failed: 0));
            return 7;
        }));
        Assert.Empty(_writer.ToString());
    }

    public void Dispose() => _writer.Dispose();

    private static RunProgress Progress(int failed)
    {
        RunResult second = Results.Of(Enumerable.Range(1, 1_000).Select(i => i * 10L));
        return new RunProgress(IsWarmUp: false, Done: 1_000, failed, Requests: null, Left: TimeSpan.FromSeconds(6.6))
        {
            Intervals = [new Interval(TimeSpan.Zero, TimeSpan.FromSeconds(1), 1_000, 0, second.Latencies)],
        };
    }
}
