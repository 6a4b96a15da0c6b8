using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.ServerSide;

/// <summary>Asks a sidecar before a run and after it.</summary>
internal sealed class ServerSideMeter : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    // A request is counted after its reply has left: the last ones may be under way when the tester asks.
    private static readonly TimeSpan PauseBetweenLooks = TimeSpan.FromMilliseconds(20);
    private const int MostLooks = 25;

    private readonly HttpClient _http = new() { Timeout = Patience };
    private readonly Sidecar? _sidecar;
    private readonly string _transport;
    private readonly ServerCounters? _before;

    /// <summary>Asks before the run.</summary>
    /// <exception cref="SidecarUnreachableException">The user named a sidecar that says nothing.</exception>
    public ServerSideMeter(Sidecar? sidecar, Workload workload)
    {
        _sidecar = sidecar;
        _transport = workload.Transport;
        if (sidecar is not null)
        {
            _before = Scrape(out string? error);
            if (_before is null && sidecar.WasAskedFor)
            {
                throw new SidecarUnreachableException(sidecar, error!);
            }
        }
    }

    /// <summary>Asks after the run.</summary>
    /// <returns><c>null</c> when there is nobody to ask.</returns>
    public ServerSideRecord? Compare(RunResult result)
    {
        if (_sidecar is null || _before is null)
        {
            return null;
        }

        ServerSideRecord? record = null;
        for (int look = 0; look < MostLooks && record is not { Agrees: true }; look++)
        {
            if (look > 0)
            {
                Thread.Sleep(PauseBetweenLooks);
            }

            if (Scrape(out string? error) is not ServerCounters after)
            {
                return ServerSideRecord.Silent(_sidecar, _transport, error!);
            }

            record = ServerSideRecord.Of(_sidecar, _transport, after - _before, result);
            if (record.Requests > record.MostExpected)
            {
                break;
            }
        }

        return record;
    }

    private ServerCounters? Scrape(out string? error)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, _sidecar!.Metrics);
            using HttpResponseMessage response = _http.Send(request);
            response.EnsureSuccessStatusCode();
            using var reader = new StreamReader(response.Content.ReadAsStream());
            var counters = ServerCounters.Of(PrometheusText.Parse(reader.ReadToEnd()), _transport);
            error = counters is null ? "it has no lowlatency_requests_total" : null;
            return counters;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException or FormatException)
        {
            error = e.Message.ReplaceLineEndings(" ");
            return null;
        }
    }

    public void Dispose() => _http.Dispose();
}
