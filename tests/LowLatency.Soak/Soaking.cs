using System.Diagnostics;
using LowLatency.Soak.Loads;

namespace LowLatency.Soak;

/// <summary>Everything at once for a while, then nothing: what has grown?</summary>
internal static class Soaking
{
    private const int Sampling = 100;
    private const int SamplesPerReport = 600;

    // The heap fills up to its next collection, which over a short run looks like a leak: so much for once, and next to nothing a minute.
    private const double KibibytesOfHeap = 4096;
    private const double KibibytesPerMinute = 64;

    // Less than the smallest object.
    private const double BytesPerConnection = 24;
    private const int MostDescriptorsMore = 4;
    private const int MostThreadsMore = 4;

    internal static async Task<int> RunAsync(TimeSpan duration)
    {
        using ServiceUnderLoad service = await ServiceUnderLoad.StartAsync("--LowLatency:Limits:ReplyTimeout=00:00:01", "--LowLatency:Limits:MessageTimeout=00:00:01");
        var verdict = new Verdict();

        // Whatever is compiled, pooled and started once is there after this.
        TimeSpan warmUp = TimeSpan.FromTicks(Math.Max(TimeSpan.FromSeconds(10).Ticks, duration.Ticks / 10));
        await LoadAsync(service, warmUp, [], verdict);
        verdict.Require(await service.IsLeftAloneAsync(), "nobody is left after the warm-up");
        double heap = await service.LiveHeapAsync();
        (double silenced, double unread, double reset) = await ErrorsAsync(service);
        (int descriptors, int threads, double collections) = (service.Descriptors, service.Threads, await service.MetricAsync("dotnet_gc_collections_total"));

        var resident = new List<(double Minutes, double Kibibytes)>();
        int said = service.Lines;
        MixedLoad load = await LoadAsync(service, duration, resident, verdict);
        verdict.Require(await service.IsLeftAloneAsync(), "nobody is left");
        verdict.AtMost(said, service.Lines, "lines that the service has logged");
        (double silencedAfter, double unreadAfter, double resetAfter) = await ErrorsAsync(service);

        verdict.AtMost(silencedAfter - silenced, load.CutOff.Silenced, "slow senders cut off, of those counted");
        verdict.AtMost(unreadAfter - unread, load.CutOff.Unread, "who do not read cut off, of those counted");
        verdict.Require(resetAfter > reset, "resets are counted");
        verdict.AtMost(descriptors + MostDescriptorsMore, service.Descriptors, "descriptors");
        verdict.AtMost(threads + MostThreadsMore, service.Threads, "threads");
        verdict.AtMost(0, service.RingMaps, "mapped rings");
        double minutes = duration.TotalMinutes / 2;
        verdict.AtMost(KibibytesOfHeap + (KibibytesPerMinute * minutes), Slope(resident) * minutes, "KiB more resident over the second half");
        verdict.AtMost(BytesPerConnection, (await service.LiveHeapAsync() - heap) / load.Connections, "bytes more on the heap for each connection that came and went");
        Console.WriteLine($"{await service.MetricAsync("dotnet_gc_collections_total") - collections} collections, connects and scrapes allocate; {resident[^1].Kibibytes} KiB resident");

        for (int restart = 0; restart < 2; restart++)
        {
            verdict.Require(await service.RestartAsync() == 0, "a stop ends with 0");
            await LoadAsync(service, TimeSpan.FromSeconds(2), [], verdict);
        }

        verdict.Require(await service.StopAsync() == 0, "the last stop ends with 0");
        verdict.AtMost(0, service.Warnings, "warnings and errors that the service has logged");
        return verdict.ExitCode;
    }

    private static async Task<(double Silenced, double Unread, double Reset)> ErrorsAsync(ServiceUnderLoad service) =>
    (
        await service.MetricAsync("lowlatency_errors_total", "\"message_timeout\""),
        await service.MetricAsync("lowlatency_errors_total", "\"slow_reader\""),
        await service.MetricAsync("lowlatency_errors_total", "\"transport\""));

    private static async Task<MixedLoad> LoadAsync(
        ServiceUnderLoad service, TimeSpan duration, List<(double Minutes, double Kibibytes)> resident, Verdict verdict)
    {
        using var load = new MixedLoad(service);
        Task loading = load.RunAsync(duration);
        var clock = Stopwatch.StartNew();
        while (await Task.WhenAny(loading, Task.Delay(Sampling)) != loading)
        {
            resident.Add((clock.Elapsed.TotalMinutes, service.ResidentKibibytes));
            if (resident.Count % SamplesPerReport == 0)
            {
                Console.WriteLine($"{clock.Elapsed:hh\\:mm\\:ss} of {duration}: {load.Answered} answered, {resident[^1].Kibibytes} KiB resident");
            }
        }

        await loading;
        load.Report(verdict, duration);
        return load;
    }

    /// <summary>The straight line through the second half of the samples.</summary>
    private static double Slope(List<(double X, double Y)> samples)
    {
        samples = samples[(samples.Count / 2)..];
        double meanX = samples.Average(sample => sample.X);
        double meanY = samples.Average(sample => sample.Y);
        return samples.Sum(sample => (sample.X - meanX) * (sample.Y - meanY)) / samples.Sum(sample => (sample.X - meanX) * (sample.X - meanX));
    }
}

/// <summary>What held and what did not.</summary>
internal sealed class Verdict
{
    internal int ExitCode { get; private set; }

    internal void Require(bool holds, string what)
    {
        Console.WriteLine($"{(holds ? "ok     " : "FAILED ")} {what}");
        ExitCode = holds ? ExitCode : 1;
    }

    internal void AtMost(double bar, double measured, string what) => Require(measured <= bar, FormattableString.Invariant($"{what}: {measured:0.#} (at most {bar})"));
}
