using System.Diagnostics;
using System.Net;
using LowLatency.Client;
using LowLatency.Linux;
using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Workloads;
using LowLatency.Transports;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.SharedMemory;

namespace LowLatency.LoadTest.Baselines;

/// <summary>The framework's HTTP client, one GET after another over one connection: its own sockets, or shared memory through a stream.</summary>
/// <remarks>
/// All of this process is on the client's CPU meanwhile. Over shared memory what awaits a reply goes on on the connection's
/// loop, which nothing here blocks.
/// </remarks>
internal static class HttpLoad
{
    private static readonly byte[] Body = "respuesta"u8.ToArray();

    public static CellFigures Run(Workload workload, CancellationToken interrupted)
    {
        using var self = Process.GetCurrentProcess();
        int[] usable = [.. CpuAffinity.Current];
        Bind(self, workload.Cpus);
        try
        {
            return Task.Run(() => RunAsync(workload, interrupted), CancellationToken.None).GetAwaiter().GetResult();
        }
        finally
        {
            Bind(self, usable);
        }
    }

    private static async Task<CellFigures> RunAsync(Workload workload, CancellationToken interrupted)
    {
        using var connections = new LowLatencyConnectionFactory(new BusyPollTransportOptions { Scheduling = ApplicationScheduling.Inline });
        using HttpClient client = ClientFor(workload.Target, connections);
        var schedule = RunSchedule.StartingNow(workload);
        var latencies = new LatencyRecorder();
        long failures = 0;
        long now = Stopwatch.GetTimestamp();
        while (now < schedule.EndsAt && !interrupted.IsCancellationRequested)
        {
            long startedAt = now;
            bool isGood = await IsAnsweredAsync(client);
            now = Stopwatch.GetTimestamp();
            if (startedAt < schedule.MeasureFrom)
            {
                continue;
            }

            if (isGood)
            {
                latencies.Record(LatencyRecorder.ToNanoseconds(now - startedAt));
            }
            else
            {
                failures++;
            }
        }

        return new CellFigures(
            latencies.At(Percentile.P50), latencies.At(Percentile.P99), latencies.Count / workload.Duration!.Value.TotalSeconds, CpuPerRequest: null, failures);
    }

    private static async Task<bool> IsAnsweredAsync(HttpClient client)
    {
        try
        {
            return (await client.GetByteArrayAsync("/").ConfigureAwait(false)).AsSpan().SequenceEqual(Body);
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static HttpClient ClientFor(EndpointUrl target, LowLatencyConnectionFactory connections)
    {
        var handler = new SocketsHttpHandler { UseProxy = false };
        if (target.EndPoint is SharedMemoryEndPoint)
        {
            handler.ConnectCallback = async (_, cancellation) => await LowLatencyStream.ConnectAsync(target, connections, cancellationToken: cancellation);
        }

        return new HttpClient(handler)
        {
            BaseAddress = new Uri(target.EndPoint is IPEndPoint address ? $"http://{address}" : "http://localhost"),
            Timeout = TimeSpan.FromSeconds(10),
        };
    }

    private static void Bind(Process self, IReadOnlyList<int> cpus)
    {
        if (cpus.Count > 0)
        {
            _ = CpuAffinity.TrySetAllThreads(self, [.. cpus]);
        }
    }
}
