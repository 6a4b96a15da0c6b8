using System.Diagnostics.Metrics;

namespace LowLatency.Core.Tests.Metrics;

/// <summary>The instruments, and what a collector gets to see of them.</summary>
internal sealed class RecordedMetrics : IMeterFactory
{
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, long> _observed = [];
    private Meter? _meter;

    internal RecordedMetrics()
    {
        All = new ResponderMetrics(this);
        Tcp = All.ForTransport("tcp");
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter == _meter)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>(OnDuration);
        _listener.SetMeasurementEventCallback<long>(OnCount);
        _listener.Start();
    }

    internal ResponderMetrics All { get; }

    internal TransportMetrics Tcp { get; }

    /// <summary>How often the histogram was recorded.</summary>
    internal long Durations { get; private set; }

    internal double ShortestDuration { get; private set; } = double.PositiveInfinity;

    internal string? LastTransport { get; private set; }

    internal long Requests => Observe("lowlatency.requests");

    internal long Connections => Observe("lowlatency.connections.active");

    internal IReadOnlyList<double> DurationBounds { get; private set; } = [];

    /// <summary>Every error type that was counted, with its number.</summary>
    internal Dictionary<string, long> Errors
    {
        get
        {
            Observe("lowlatency.errors");
            return _observed.Where(entry => entry.Value != 0 && entry.Key.StartsWith("lowlatency.errors.", StringComparison.Ordinal))
                .ToDictionary(entry => entry.Key["lowlatency.errors.".Length..], entry => entry.Value);
        }
    }

    public Meter Create(MeterOptions options) => _meter = new Meter(options);

    public void Dispose()
    {
        _listener.Dispose();
        _meter?.Dispose();
    }

    private long Observe(string name)
    {
        _listener.RecordObservableInstruments();
        return _observed.GetValueOrDefault(name);
    }

    private void OnDuration(Instrument instrument, double seconds, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        Durations++;
        ShortestDuration = Math.Min(ShortestDuration, seconds);
        LastTransport = (string?)tags[0].Value;
        DurationBounds = ((Histogram<double>)instrument).Advice!.HistogramBucketBoundaries!;
    }

    private void OnCount(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
        => _observed[tags.IsEmpty ? instrument.Name : $"{instrument.Name}.{tags[0].Value}"] = value;
}
