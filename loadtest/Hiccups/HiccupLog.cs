using LowLatency.LoadTest.Measurement;

namespace LowLatency.LoadTest.Hiccups;

/// <summary>The hiccups that one thread has had: all of them as a histogram, the longer ones one by one.</summary>
/// <remarks>Of one thread until it has ended. Never allocates: when the list is full, its shorter ones make room and are not listed any more.</remarks>
internal sealed class HiccupLog(long least)
{
    private const int MostListed = 4_096;

    private readonly Hiccup[] _listed = new Hiccup[MostListed];
    private int _count;

    /// <summary>What is no hiccup yet, in nanoseconds.</summary>
    public long Least { get; } = least;

    public LatencyRecorder Total { get; } = new();

    /// <summary>Every hiccup of this length or more is listed.</summary>
    public long ListedFrom { get; private set; } = least;

    public ReadOnlySpan<Hiccup> Listed => _listed.AsSpan(0, _count);

    public void Note(long startTicks, long nanoseconds)
    {
        Total.Record(nanoseconds);
        while (_count == MostListed)
        {
            ListOnlyFrom(ListedFrom + (ListedFrom / 4) + 1);
        }

        if (nanoseconds >= ListedFrom)
        {
            _listed[_count++] = new Hiccup(startTicks, nanoseconds);
        }
    }

    /// <summary>One record of several threads' logs, in the order of time.</summary>
    public static HiccupRecord Merge(HiccupMethod method, IReadOnlyCollection<HiccupLog> logs, LatencyRecorder? coinciding)
    {
        var total = new LatencyRecorder();
        var listed = new List<Hiccup>();
        long notableFrom = logs.Max(log => log.ListedFrom);
        foreach (HiccupLog log in logs)
        {
            total.Add(log.Total);
            listed.AddRange(log.Listed);
        }

        return new HiccupRecord(total, [.. listed.Where(hiccup => hiccup.Nanoseconds >= notableFrom).OrderBy(hiccup => hiccup.StartTicks)])
        {
            Method = method,
            Threads = logs.Count,
            Least = logs.Max(log => log.Least),
            NotableFrom = notableFrom,
            Coinciding = coinciding,
        };
    }

    private void ListOnlyFrom(long nanoseconds)
    {
        ListedFrom = nanoseconds;
        int kept = 0;
        foreach (Hiccup hiccup in Listed)
        {
            if (hiccup.Nanoseconds >= nanoseconds)
            {
                _listed[kept++] = hiccup;
            }
        }

        _count = kept;
    }
}
