using System.Diagnostics;
using LowLatency.LoadTest.Measurement;

namespace LowLatency.LoadTest.Hiccups;

/// <summary>Finds hiccups where measuring threads sleep: a thread beside them does nothing but sleep, and is late like them.</summary>
/// <remarks>
/// This is jHiccup as it is, only less often, so that it is not itself what keeps the others from running. It tells how late
/// threads are woken, which replies to threads that sleep have in them too. The shortest sleep so far is what sleeping takes.
/// </remarks>
internal sealed class HiccupSleeper : IDisposable
{
    private const long LeastNanoseconds = 25_000;
    private const int SleepsToLearnFrom = 8;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private readonly HiccupLog _log = new(LeastNanoseconds);
    private readonly ManualResetEventSlim _ended = new();
    private readonly Thread _thread;
    private long _shortest = long.MaxValue;
    private bool _hasNotedFirst;

    /// <param name="measureFrom">Hiccups that are over before do not count.</param>
    public HiccupSleeper(long measureFrom)
    {
        _thread = new Thread(() => Sleep(measureFrom)) { Name = "hiccups", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Ends it and gives what it found.</summary>
    public HiccupRecord End()
    {
        _ended.Set();
        _thread.Join();
        return HiccupLog.Merge(HiccupMethod.Sleeps, [_log], coinciding: null);
    }

    private void Sleep(long measureFrom)
    {
        // Until a few have been seen, nobody knows what a good one is; any of them may be the one with the hiccup.
        var first = new List<(long Lain, long Woken)>(SleepsToLearnFrom);
        while (!_ended.IsSet)
        {
            long lain = Stopwatch.GetTimestamp();
            Thread.Sleep(Pause);
            long woken = Stopwatch.GetTimestamp();
            _shortest = Math.Min(_shortest, woken - lain);
            if (first.Count < SleepsToLearnFrom)
            {
                first.Add((lain, woken));
                continue;
            }

            Note(first, measureFrom);
            Note(lain, woken, measureFrom);
        }

        Note(first, measureFrom);
    }

    private void Note(List<(long Lain, long Woken)> first, long measureFrom)
    {
        if (!_hasNotedFirst)
        {
            _hasNotedFirst = true;
            first.ForEach(sleep => Note(sleep.Lain, sleep.Woken, measureFrom));
        }
    }

    private void Note(long lain, long woken, long measureFrom)
    {
        long late = woken - lain - _shortest;
        long nanoseconds = LatencyRecorder.ToNanoseconds(late);
        if (nanoseconds >= LeastNanoseconds && woken > measureFrom)
        {
            _log.Note(woken - late, nanoseconds);
        }
    }

    public void Dispose()
    {
        _ended.Set();
        _thread.Join();
        _ended.Dispose();
    }
}
