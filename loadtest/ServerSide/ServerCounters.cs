namespace LowLatency.LoadTest.ServerSide;

/// <summary>What the server has counted since it started, as far as a run is concerned.</summary>
/// <param name="Requests">Requests answered, on all transports. Exact.</param>
/// <param name="Timed">Requests of the run's transport that were timed: all of them, or one in sixteen over shared memory.</param>
/// <param name="TimedSeconds">How long those took together.</param>
internal sealed record ServerCounters(long Requests, long Timed, double TimedSeconds)
{
    private const string RequestsName = "lowlatency_requests_total";
    private const string DurationName = "lowlatency_request_duration_seconds";
    private const string TransportLabel = "network_transport";

    /// <summary>Finds them in a scrape.</summary>
    /// <param name="samples">The scrape.</param>
    /// <param name="transport">The value of the label <c>network_transport</c>.</param>
    /// <returns><c>null</c> when these are the metrics of something else.</returns>
    public static ServerCounters? Of(IReadOnlyList<MetricSample> samples, string transport)
    {
        MetricSample[] requests = [.. samples.Where(sample => sample.Name == RequestsName)];
        return requests.Length == 0 ? null : new ServerCounters(
            (long)requests.Sum(sample => sample.Value),
            (long)Sum(samples, DurationName + "_count", transport),
            Sum(samples, DurationName + "_sum", transport));
    }

    public static ServerCounters operator -(ServerCounters after, ServerCounters before)
        => new(after.Requests - before.Requests, after.Timed - before.Timed, after.TimedSeconds - before.TimedSeconds);

    private static double Sum(IReadOnlyList<MetricSample> samples, string name, string transport)
        => samples.Where(sample => sample.Name == name && sample.Labels.GetValueOrDefault(TransportLabel) == transport).Sum(sample => sample.Value);
}
