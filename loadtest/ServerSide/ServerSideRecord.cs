using System.Globalization;
using LowLatency.LoadTest.Measurement;

namespace LowLatency.LoadTest.ServerSide;

/// <summary>The same run as the server tells it, warm-up and all.</summary>
internal sealed record ServerSideRecord
{
    private const double NanosecondsPerSecond = 1e9;

    public required Sidecar Sidecar { get; init; }

    /// <summary>The label <c>network_transport</c> of the run's requests.</summary>
    public required string Transport { get; init; }

    /// <summary>Requests that the server has answered meanwhile; <c>null</c> when it could not be asked afterwards.</summary>
    public long? Requests { get; init; }

    /// <summary>Whether only this transport's requests are counted; else those of all.</summary>
    public bool IsOfTransport { get; init; }

    /// <summary>Good replies here, those of the warm-up with them.</summary>
    public long LeastExpected { get; init; }

    /// <summary>The same and the requests that the server may have answered although no good reply arrived in time.</summary>
    public long MostExpected { get; init; }

    /// <summary>What the server has timed: all of its requests, or a sample.</summary>
    public long Timed { get; init; }

    /// <summary>From the request's bytes in the server's hand to the reply given to the kernel, in nanoseconds; <c>null</c> when none was timed.</summary>
    public double? ServerMean { get; init; }

    /// <summary>The tester's mean service time minus the server's: the network stack and waiting, in nanoseconds.</summary>
    public double? ElsewhereMean { get; init; }

    /// <summary>What is wrong, in one line.</summary>
    public string? Warning { get; init; }

    public bool Agrees => Warning is null;

    public static ServerSideRecord Of(Sidecar sidecar, string transport, ServerCounters counted, RunResult result)
    {
        // Where every request is timed, the histogram's count is exact and of this transport alone.
        bool isOfTransport = transport is "tcp" or "unix";
        long requests = isOfTransport ? counted.Timed : counted.Requests;
        long least = result.Outcomes[Outcome.Ok] + result.WarmUp[Outcome.Ok];
        long most = least + MaybeAnswered(result.Outcomes) + MaybeAnswered(result.WarmUp);
        double? mean = counted.Timed > 0 ? counted.TimedSeconds / counted.Timed * NanosecondsPerSecond : null;
        LatencyRecorder service = result.ServiceTimes ?? result.Latencies;
        bool isAnothers = requests == 0 && least > 0 && !sidecar.WasAskedFor;
        return new ServerSideRecord
        {
            Sidecar = sidecar,
            Transport = transport,
            Requests = requests,
            IsOfTransport = isOfTransport,
            LeastExpected = least,
            MostExpected = most,
            Timed = counted.Timed,
            ServerMean = mean,
            ElsewhereMean = service.Count > 0 && !isAnothers ? service.Mean - mean : null,
            Warning = isAnothers ? $"the sidecar at {sidecar.Url.Authority} counted none of these requests: it is another service's (--sidecar tells which one to ask)"
                : requests < least || requests > most ? Disagreement(requests, least, most)
                : null,
        };
    }

    public static ServerSideRecord Silent(Sidecar sidecar, string transport, string reason) => new()
    {
        Sidecar = sidecar,
        Transport = transport,
        Warning = $"{sidecar.Metrics} told nothing after the run: {reason}",
    };

    private static string Disagreement(long requests, long least, long most) => string.Create(
        CultureInfo.InvariantCulture,
        $"the server counted {requests:N0} requests, the tester {least:N0} good replies{(most > least ? $" and at most {most - least:N0} that may have been answered" : "")}: {(requests > least ? "somebody else uses it as well, or a request was taken for two" : "the rest was answered by somebody else, or not at all")}");

    // What was never sent was never answered; all else may have been.
    private static long MaybeAnswered(OutcomeCounts counts)
        => counts.Failed - counts[Outcome.ConnectError] - counts[Outcome.Dropped];
}
