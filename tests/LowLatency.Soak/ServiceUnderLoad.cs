using System.Diagnostics;
using System.Diagnostics.Tracing;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Reflection;
using Microsoft.Diagnostics.NETCore.Client;

namespace LowLatency.Soak;

/// <summary>The service in a process of its own, and what the kernel and its metrics say of it.</summary>
internal sealed class ServiceUnderLoad : IDisposable
{
    // The keyword of the runtime's event source whose listeners get a full collection first.
    private const long HeapCollect = 0x800000;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ll-soak-");
    private readonly string[] _settings;
    private Process _process = null!;
    private int _lines;
    private int _warnings;

    private ServiceUnderLoad(string[] settings)
    {
        (int tcp, int line, int sidecar) = (FreePort(), FreePort(), FreePort());
        Tcp = new IPEndPoint(IPAddress.Loopback, tcp);
        Line = new IPEndPoint(IPAddress.Loopback, line);
        Sidecar = new Uri($"http://127.0.0.1:{sidecar}/");
        _settings =
        [
            $"--LowLatency:Endpoints:Tcp:Url=tcp://{Tcp}",
            $"--LowLatency:Endpoints:Line:Url=tcp://{Line}",
            "--LowLatency:Endpoints:Line:Framing=Line",
            $"--LowLatency:Endpoints:Unix:Url={Unix}",
            $"--LowLatency:Endpoints:Shm:Url={SharedMemory}",
            $"--LowLatency:Sidecar:Url=http://127.0.0.1:{sidecar}",
            "--LowLatency:Polling:SpinFor=00:00:00.005",
            .. settings,
        ];
    }

    internal IPEndPoint Tcp { get; }

    internal IPEndPoint Line { get; }

    internal string Unix => $"unix://{_folder.FullName}/unix.sock";

    internal string SharedMemory => $"shm://{_folder.FullName}/shm.sock";

    internal Uri Sidecar { get; }

    internal int Descriptors => Directory.GetFiles($"/proc/{_process.Id}/fd").Length;

    internal int Threads => Directory.GetDirectories($"/proc/{_process.Id}/task").Length;

    /// <summary>Mappings of rings, each of which a connection over shared memory has five of.</summary>
    internal int RingMaps => File.ReadLines($"/proc/{_process.Id}/maps").Count(line => line.Contains("lowlatency-rings", StringComparison.Ordinal));

    internal long ResidentKibibytes
        => long.Parse(
            File.ReadLines($"/proc/{_process.Id}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture);

    /// <summary>How many lines it has logged so far.</summary>
    internal int Lines => Volatile.Read(ref _lines);

    /// <summary>How many of them were warnings or worse.</summary>
    internal int Warnings => Volatile.Read(ref _warnings);

    internal static async Task<ServiceUnderLoad> StartAsync(params string[] settings)
    {
        var service = new ServiceUnderLoad(settings);
        await service.StartProcessAsync();
        return service;
    }

    /// <summary>Stops it as an operator does, and starts it again where it was.</summary>
    /// <returns>How the old one has ended.</returns>
    internal async Task<int> RestartAsync()
    {
        int exitCode = await StopAsync();
        await StartProcessAsync();
        return exitCode;
    }

    internal async Task<int> StopAsync()
    {
        using Process kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync().WaitAsync(Patience);
        int exitCode = _process.ExitCode;
        _process.Dispose();
        return exitCode;
    }

    /// <summary>The sum of a metric.</summary>
    /// <exception cref="KeyNotFoundException">There is none of that name, which is not the same as 0.</exception>
    internal async Task<double> MetricAsync(string name, string label = "")
    {
        double[] values = [.. (await _http.GetStringAsync(new Uri(Sidecar, "/metrics"))).Split('\n')
            .Where(line => line.StartsWith(name, StringComparison.Ordinal) && line.Contains(label, StringComparison.Ordinal))
            .Select(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture))];
        return values.Length > 0 ? values.Sum() : throw new KeyNotFoundException($"The service has no metric {name} {label}.");
    }

    /// <summary>What lives on its managed heap, pinned objects included, in bytes: after a full collection.</summary>
    internal async Task<double> LiveHeapAsync()
    {
        const string generation2 = "gc_heap_generation=\"gen2\"";
        double before = await MetricAsync("dotnet_gc_collections_total", generation2);
        using EventPipeSession session = new DiagnosticsClient(_process.Id).StartEventPipeSession(
            [new EventPipeProvider("Microsoft-Windows-DotNETRuntime", EventLevel.Verbose, HeapCollect)], requestRundown: false);
        Task events = session.EventStream.CopyToAsync(Stream.Null);
        for (var clock = Stopwatch.StartNew(); await MetricAsync("dotnet_gc_collections_total", generation2) == before; await Task.Delay(50))
        {
            if (clock.Elapsed > Patience)
            {
                throw new TimeoutException("The service's heap was not collected.");
            }
        }

        await session.StopAsync(CancellationToken.None);
        await events;
        return await MetricAsync("dotnet_gc_last_collection_heap_size_bytes") - await MetricAsync("dotnet_gc_last_collection_heap_fragmentation_size_bytes");
    }

    /// <summary>Waits until nobody is connected.</summary>
    internal async Task<bool> IsLeftAloneAsync()
    {
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < Patience; await Task.Delay(100))
        {
            if (await MetricAsync("lowlatency_connections_active") == 0)
            {
                return true;
            }
        }

        return false;
    }

    public void Dispose()
    {
        try
        {
            _process.Kill();
            _process.Dispose();
        }
        catch (InvalidOperationException)
        {
            // It has been stopped.
        }

        _http.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task StartProcessAsync()
    {
        string library = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, typeof(ServiceUnderLoad).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(each => each.Key == "ServicePath").Value!));
        string host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        _process = Process.Start(new ProcessStartInfo(host, [library, .. _settings]) { RedirectStandardOutput = true })!;
        _process.OutputDataReceived += (_, line) => TakeNoteOf(line.Data);
        _process.BeginOutputReadLine();
        for (var clock = Stopwatch.StartNew(); ; await Task.Delay(50))
        {
            try
            {
                if ((await _http.GetAsync(new Uri(Sidecar, "/health/ready"))).IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException) when (clock.Elapsed < Patience)
            {
            }
        }
    }

    private void TakeNoteOf(string? line)
    {
        if (line is null)
        {
            return;
        }

        Interlocked.Increment(ref _lines);
        if (line.Contains(" WRN ", StringComparison.Ordinal) || line.Contains(" ERR ", StringComparison.Ordinal) || line.Contains(" FTL ", StringComparison.Ordinal))
        {
            Console.WriteLine(line);
            Interlocked.Increment(ref _warnings);
        }
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
