using LowLatency.Linux;

namespace LowLatency.LoadTest.Measurement;

/// <summary>How many requests were begun, and what became of them.</summary>
/// <remarks>
/// One thread writes; others may read at any time and see figures that are recent, and the whole truth once it has ended.
/// <see cref="Attempted"/> is counted where a request begins and not added up from the outcomes, so that the accounting
/// identity says something.
/// </remarks>
internal sealed class OutcomeCounts
{
    private static readonly int Kinds = Enum.GetValues<Outcome>().Length;

    private readonly long[] _counts = new long[Kinds];
    private readonly Errno[] _firstReasons = new Errno[Kinds];
    private long _attempted;

    public long Attempted => Volatile.Read(ref _attempted);

    public long this[Outcome outcome] => Volatile.Read(ref _counts[(int)outcome]);

    /// <summary>All that have ended.</summary>
    public long Finished => _counts.Sum();

    public long Failed => Finished - this[Outcome.Ok];

    /// <summary>The system's error behind the first failure of a kind; <see cref="Errno.None"/> where there was none.</summary>
    public Errno FirstReason(Outcome outcome) => _firstReasons[(int)outcome];

    public void Begin(int count = 1) => _attempted += count;

    public void End(Outcome outcome) => _counts[(int)outcome]++;

    public void NoteReason(Outcome outcome, Errno reason)
    {
        if (_firstReasons[(int)outcome] == Errno.None)
        {
            _firstReasons[(int)outcome] = reason;
        }
    }

    public void Add(OutcomeCounts other)
    {
        _attempted += other._attempted;
        foreach (Outcome outcome in Enum.GetValues<Outcome>())
        {
            _counts[(int)outcome] += other[outcome];
            NoteReason(outcome, other.FirstReason(outcome));
        }
    }
}
