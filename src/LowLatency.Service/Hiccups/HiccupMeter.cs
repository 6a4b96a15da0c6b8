using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using LowLatency.Linux;

namespace LowLatency.Service.Hiccups;

/// <summary>Measures how long the machine kept the process from running when it wanted to.</summary>
/// <remarks>
/// <para>
/// A thread of its own sleeps and is timed a hundred times a second: a random sample of what a thread that wakes has to wait
/// for - other processes, the collector, a stopped or stolen CPU. A stall shorter than the pause is met with the chance of its
/// length, and a longer one always; what is recorded is the part of it that was left when the thread was due.
/// </para>
/// <para>
/// It costs less than half a hundredth of a CPU. It looks at nothing of the poll loops, and stays off the CPUs that they are pinned to
/// where there are others. Where they are not pinned, its waking is one more thing that the scheduler has to place.
/// </para>
/// </remarks>
internal sealed class HiccupMeter : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    private readonly Histogram<double> _durations;
    private readonly int[] _otherCpus;
    private readonly ManualResetEventSlim _stopped = new();
    private volatile bool _measures;
    private Thread? _thread;

    /// <param name="meters">Where the meter comes from; it also ends it.</param>
    /// <param name="pollCpus">The CPUs to stay off.</param>
    internal HiccupMeter(IMeterFactory meters, IReadOnlyList<int> pollCpus)
    {
        _durations = meters.Create(ResponderMetrics.MeterName).CreateHistogram(
            "lowlatency.hiccup.duration",
            unit: "s",
            description: "How long the machine kept the process from running when it wanted to, sampled a hundred times a second.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Bounds() });
        _otherCpus = OperatingSystem.IsLinux() && pollCpus.Count > 0 ? [.. CpuAffinity.Current.Except(pollCpus)] : [];
    }

    /// <summary>Runs and records nothing yet, so that its code is compiled by the time it does.</summary>
    internal void WarmUp()
    {
        _thread = new Thread(Run) { Name = "hiccups", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Begins to measure: after the start, which is no hiccup.</summary>
    internal void Start() => _measures = true;

    private void Run()
    {
        if (_otherCpus.Length > 0)
        {
            // Refused only where CPUs have gone since: then it runs wherever it may.
            CpuAffinity.TrySet(_otherCpus);
        }

        var sleeper = new Sleeper();
        while (!_stopped.IsSet)
        {
            long slept = Stopwatch.GetTimestamp();
            Thread.Sleep(Pause);
            double late = sleeper.Lateness(Stopwatch.GetElapsedTime(slept)).TotalSeconds;
            if (_measures)
            {
                _durations.Record(late);
            }
        }
    }

    // 1-2-5 steps from a microsecond, which is nothing, to 10 s.
    private static double[] Bounds()
        => [.. from exponent in Enumerable.Range(-6, 7)
               from step in (int[])[1, 2, 5]
               select double.Parse($"{step}e{exponent}", CultureInfo.InvariantCulture), 10];

    public void Dispose()
    {
        _stopped.Set();
        _thread?.Join();
        _stopped.Dispose();
    }
}
