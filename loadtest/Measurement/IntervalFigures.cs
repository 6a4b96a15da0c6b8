namespace LowLatency.LoadTest.Measurement;

/// <summary>One thread's figures of one second.</summary>
internal sealed class IntervalFigures
{
    /// <summary>Which second it is, from 0.</summary>
    public int Number { get; set; }

    public long Ok { get; set; }

    public long Failed { get; set; }

    public LatencyRecorder Latencies { get; } = LatencyRecorder.OfTwoDigits();

    public void Clear()
    {
        (Number, Ok, Failed) = (0, 0, 0);
        Latencies.Clear();
    }
}
