using System.Diagnostics.Metrics;

namespace LowLatency;

/// <summary>The instruments of the meter <c>LowLatency</c>.</summary>
/// <remarks>
/// Counts are kept in plain fields and read when somebody collects. Only the histogram is recorded on the hot path, after the
/// reply has left.
/// </remarks>
public sealed class ResponderMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "LowLatency";

    private static readonly string[] ErrorNames =
    [
        "message_too_large", "message_timeout", "idle_timeout", "slow_reader", "connection_limit", "protocol", "transport",
        "not_allowed", "no_memory", "handshake_timeout", "tls_handshake",
    ];

    private readonly Lock _lock = new();
    private readonly long[] _errors = new long[ErrorNames.Length];
    private readonly Histogram<double> _duration;
    private TransportMetrics[] _transports = [];
    private long _connections;

    /// <summary>Makes the instruments.</summary>
    /// <param name="factory">Where the meter comes from; it also ends it.</param>
    public ResponderMetrics(IMeterFactory factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        Meter meter = factory.Create(MeterName);
        _duration = meter.CreateHistogram(
            "lowlatency.request.duration",
            unit: "s",
            description: "Time from the request's bytes in hand to the reply flushed to the transport.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = DurationBounds() });
        meter.CreateObservableCounter(
            "lowlatency.requests", () => Requests, unit: "{request}", description: "Requests answered.");
        meter.CreateObservableUpDownCounter(
            "lowlatency.connections.active", () => Volatile.Read(ref _connections), unit: "{connection}", description: "Open connections.");
        meter.CreateObservableCounter(
            "lowlatency.errors", ObserveErrors, unit: "{error}", description: "Connections and requests that came to nothing, by cause.");
    }

    /// <summary>Requests answered so far, on all transports. Exact once the connections are quiet.</summary>
    public long Requests => _transports.Sum(transport => transport.Requests);

    /// <summary>Open connections.</summary>
    public long Connections => Volatile.Read(ref _connections);

    /// <summary>How often something came to nothing for a reason.</summary>
    public long ErrorsOf(ErrorType type) => Volatile.Read(ref _errors[(int)type]);

    /// <summary>The recorder of one transport; asked for at start, not per request.</summary>
    /// <param name="transport">The label <c>network_transport</c>: <c>tcp</c>, <c>unix</c>, ...</param>
    /// <param name="timedOneIn">
    /// Only one read in so many is timed and recorded in the histogram; requests are counted all the same. Default: 1, every
    /// one. More where timing would cost as much as what is timed.
    /// </param>
    public TransportMetrics ForTransport(string transport, int timedOneIn = 1)
    {
        lock (_lock)
        {
            TransportMetrics? known = Array.Find(_transports, candidate => candidate.Transport == transport);
            if (known is null)
            {
                known = new TransportMetrics(this, _duration, transport, timedOneIn);
                _transports = [.. _transports, known];
            }

            return known;
        }
    }

    /// <summary>Counts something that came to nothing. Any thread.</summary>
    public void CountError(ErrorType type) => Interlocked.Increment(ref _errors[(int)type]);

    internal void AddConnections(int change) => Interlocked.Add(ref _connections, change);

    // 1-2-5 steps from 10 ns to 1 s, each written as the nearest double, so that the exported bounds read as the round numbers.
    private static double[] DurationBounds()
    {
        var bounds = new List<double>();
        foreach (string decade in (ReadOnlySpan<string>)["e-8", "e-7", "e-6", "e-5", "e-4", "e-3", "e-2", "e-1"])
        {
            foreach (string step in (ReadOnlySpan<string>)["1", "2", "5"])
            {
                bounds.Add(double.Parse(step + decade, System.Globalization.CultureInfo.InvariantCulture));
            }
        }

        bounds.Add(1);
        return [.. bounds];
    }

    private IEnumerable<Measurement<long>> ObserveErrors()
    {
        for (int type = 0; type < ErrorNames.Length; type++)
        {
            yield return new Measurement<long>(
                Volatile.Read(ref _errors[type]), new KeyValuePair<string, object?>("error.type", ErrorNames[type]));
        }
    }
}
