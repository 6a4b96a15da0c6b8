using System.Text.Json.Serialization;
using LowLatency.LoadTest.Workloads;
using LowLatency.Transports.Tls;

namespace LowLatency.LoadTest.Reports;

/// <summary>What was asked for, as far as the run's own fields do not say it. What has no meaning in a mode is null.</summary>
internal sealed record WorkloadDocument(
    string Framing,
    int RequestBytes,
    int ReplyBytes,
    string Idle,
    IReadOnlyList<int> Cpus,
    [property: JsonPropertyName("duration_s")] double? DurationSeconds,
    long? Requests,
    [property: JsonPropertyName("timeout_s")] double TimeoutSeconds,
    double? Rate,
    string? Arrivals,
    int? Seed,
    int? Pipeline,
    TlsDocument? Tls)
{
    public static WorkloadDocument Of(Workload workload)
    {
        bool hasSchedule = workload.Mode == WorkloadMode.OpenLoop;
        return new WorkloadDocument(
            workload.Framing.ToString().ToLowerInvariant(),
            workload.Request.Length,
            workload.Expect.Length,
            workload.Idle.ToString().ToLowerInvariant(),
            workload.Cpus,
            workload.Duration?.TotalSeconds,
            workload.Requests,
            workload.Timeout.TotalSeconds,
            workload.Rate,
            hasSchedule ? workload.Arrivals.ToString().ToLowerInvariant() : null,
            hasSchedule ? workload.Seed : null,
            workload.Mode == WorkloadMode.Pipelined ? workload.Pipeline : null,
            workload.Place is TlsEndPoint target ? TlsDocument.Of(target) : null);
    }
}

/// <summary>What was asked of a target of TLS; no path and no key.</summary>
internal sealed record TlsDocument(string ServerName, bool Verified, bool ClientCertificate)
{
    public static TlsDocument Of(TlsEndPoint target) => new(
        target.Options.TargetHost ?? target.Host, !target.Options.DangerouslyAcceptAnyCertificate, target.Options.ClientCertificate is not null);
}
