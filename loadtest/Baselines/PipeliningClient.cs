using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.Baselines;

/// <summary>The C client, which sends 64 requests with one fence and takes 64 replies, as a process of its own.</summary>
internal static class PipeliningClient
{
    public const int AtOnce = 64;

    // It counts requests and knows no time: about what a second holds.
    private const double RequestsPerSecond = 5_000_000;

    public static CellFigures Run(string cPrograms, Workload workload, CancellationToken interrupted)
    {
        List<string> arguments =
        [
            workload.Target.Text,
            "--pipeline", Text(AtOnce),
            "--requests", Text(RequestsIn(workload.Duration!.Value)),
            "--warmup", Text(RequestsIn(workload.WarmUp)),
        ];
        if (workload.Cpus.Count > 0)
        {
            arguments.AddRange(["--cpu", Text(workload.Cpus[0])]);
        }

        var start = new ProcessStartInfo(Path.Combine(cPrograms, CPrograms.Client), arguments) { RedirectStandardOutput = true };
        using Process client = Process.Start(start)!;
        using CancellationTokenRegistration kill = interrupted.Register(client.Kill);
        string output = client.StandardOutput.ReadToEnd();
        client.WaitForExit();
        return client.ExitCode == 0 ? Read(output) : new CellFigures(null, null, null, null, Failures: interrupted.IsCancellationRequested ? 0 : 1);
    }

    private static CellFigures Read(string output)
    {
        using var report = JsonDocument.Parse(output);
        return new CellFigures(
            report.RootElement.GetProperty("p50_ns_per_request").GetDouble(),
            P99: null,
            report.RootElement.GetProperty("requests_per_second").GetDouble(),
            CpuPerRequest: null,
            Failures: 0);
    }

    private static long RequestsIn(TimeSpan time) => Math.Max(AtOnce, (long)(time.TotalSeconds * RequestsPerSecond));

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
