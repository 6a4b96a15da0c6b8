using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Xunit;

namespace LowLatency.Service.Tests.Running;

/// <summary>A service of its own process, on ports and paths of its own.</summary>
/// <remarks>Made when the service has said that it listens. Disposing kills it if it still runs.</remarks>
internal sealed partial class ServiceProcess : IAsyncDisposable
{
    private const string EndOfBanner = "Try it";

    private readonly Process _process;
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _http = new();
    private readonly List<string> _lines = [];
    private readonly TaskCompletionSource _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ServiceProcess(string[] settings, IReadOnlyDictionary<string, string>? environment, string[] wrapper)
    {
        _process = new Process
        {
            StartInfo = ServiceProgram.Under(wrapper, ServiceProgram.StartInfo(
                [
                    "--LowLatency:Endpoints:Tcp:Url=tcp://127.0.0.1:0",
                    $"--LowLatency:Endpoints:Unix:Url=unix://{_folder.File("unix.sock")}",
                    $"--LowLatency:Endpoints:Shm:Url=shm://{_folder.File("shm.sock")}",
                    "--LowLatency:Sidecar:Url=http://127.0.0.1:0",
                    "--LowLatency:Tuning:WarmUp=false",
                    .. settings,
                ],
                environment)),
            EnableRaisingEvents = true,
        };
        _process.OutputDataReceived += (_, e) => Take(e.Data);
        _process.ErrorDataReceived += (_, e) => Take(e.Data);
        _process.Exited += (_, _) => _listening.TrySetException(new InvalidOperationException("The service ended before it listened."));
    }

    /// <summary>What it wrote so far, to both of its outputs.</summary>
    internal string[] Lines
    {
        get
        {
            lock (_lines)
            {
                return [.. _lines];
            }
        }
    }

    internal Uri Sidecar => new(Url("Sidecar"));

    /// <param name="settings">Command-line settings, which win over those of the fixture: ports and paths of its own, and no warm-up.</param>
    internal static Task<ServiceProcess> StartAsync(params string[] settings) => StartAsync(null, settings);

    internal static Task<ServiceProcess> StartAsync(IReadOnlyDictionary<string, string>? environment, params string[] settings)
        => StartUnderAsync([], environment, settings);

    /// <param name="wrapper">The program and the arguments that start it, such as one that takes privileges away.</param>
    /// <param name="environment">Variables of its environment.</param>
    /// <param name="settings">As for <see cref="StartAsync(string[])"/>.</param>
    internal static async Task<ServiceProcess> StartUnderAsync(string[] wrapper, IReadOnlyDictionary<string, string>? environment, params string[] settings)
    {
        var service = new ServiceProcess(settings, environment, wrapper);
        service._process.Start();
        service._process.BeginOutputReadLine();
        service._process.BeginErrorReadLine();
        try
        {
            await service._listening.Task.WaitAsync(Deadline.Default);
        }
        catch (Exception exception)
        {
            string said = string.Join('\n', service.Lines);
            await service.DisposeAsync();
            throw new InvalidOperationException($"The service does not listen. It said:\n{said}", exception);
        }

        return service;
    }

    /// <summary>The URL of an endpoint, as the service printed it.</summary>
    internal string Url(string endpoint) => Lines.Select(line => BannerLine().Match(line))
        .First(match => match.Success && match.Groups["name"].Value == endpoint).Groups["url"].Value;

    internal EndPoint Address(string endpoint)
    {
        string url = Url(endpoint);
        return url.StartsWith("unix://", StringComparison.Ordinal)
            ? new UnixDomainSocketEndPoint(url["unix://".Length..])
            : IPEndPoint.Parse(url[(url.IndexOf("://", StringComparison.Ordinal) + 3)..]);
    }

    internal int Port(string endpoint) => ((IPEndPoint)Address(endpoint)).Port;

    internal Task<ServiceClient> ConnectAsync(string endpoint = "Tcp") => ServiceClient.ConnectAsync(Address(endpoint));

    internal Task<HttpResponseMessage> GetAsync(string path) => _http.GetAsync(new Uri(Sidecar, path), TestContext.Current.CancellationToken);

    internal Task<string> ScrapeAsync() => _http.GetStringAsync(new Uri(Sidecar, "/metrics"), TestContext.Current.CancellationToken);

    /// <summary>The sum of a metric over its series that carry a label.</summary>
    internal async Task<double> MetricAsync(string name, string label = "")
        => (await ScrapeAsync()).Split('\n')
            .Where(line => line.StartsWith(name + "{", StringComparison.Ordinal) && line.Contains(label, StringComparison.Ordinal))
            .Sum(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));

    /// <summary>A metric's value once nobody is connected and so nothing moves it.</summary>
    internal async Task<double> SettledMetricAsync(string name, string label = "")
    {
        await Deadline.UntilAsync("connections", () => MetricAsync("lowlatency_connections_active"), open => open == 0);
        return await MetricAsync(name, label);
    }

    /// <summary>Waits until a metric has a value: the service counts after the reply has left.</summary>
    internal async Task AssertMetricAsync(double expected, string name, string label = "")
        => Assert.Equal(expected, await Deadline.UntilAsync(name, () => MetricAsync(name, label), value => value >= expected));

    /// <summary>Sends a signal by its name, without <c>SIG</c>.</summary>
    internal async Task SignalAsync(string signal) => await External.ShellAsync($"kill -{signal} {_process.Id}");

    internal async Task<int> WaitForExitAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Deadline.Default);
        return _process.ExitCode;
    }

    /// <summary>What the kernel says that the process has locked.</summary>
    internal async Task<long> LockedKibibytesAsync()
    {
        string line = (await File.ReadAllLinesAsync($"/proc/{_process.Id}/status", TestContext.Current.CancellationToken))
            .First(line => line.StartsWith("VmLck:", StringComparison.Ordinal));
        return long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
    }

    /// <summary>The names of its threads that run by SCHED_FIFO.</summary>
    internal async Task<List<string>> RealtimeThreadsAsync()
    {
        const string Fifo = "1";
        const int PolicyBehindName = 38;
        var names = new List<string>();
        foreach (string task in Directory.GetDirectories($"/proc/{_process.Id}/task"))
        {
            // The name stands in parentheses and may contain anything.
            string stat = await File.ReadAllTextAsync(Path.Join(task, "stat"), TestContext.Current.CancellationToken);
            string[] behindName = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            if (behindName[PolicyBehindName] == Fifo)
            {
                names.Add(stat[(stat.IndexOf('(', StringComparison.Ordinal) + 1)..stat.LastIndexOf(')')]);
            }
        }

        return names;
    }

    /// <summary>Ends it as an operator does.</summary>
    internal async Task<int> StopAsync()
    {
        await SignalAsync("TERM");
        return await WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        _http.Dispose();
        _folder.Dispose();
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_lines)
        {
            _lines.Add(line);
        }

        if (line == EndOfBanner)
        {
            _listening.TrySetResult();
        }
    }

    [GeneratedRegex(@"^  (?<name>\w+) +(?<url>\w+://\S+)  \(")]
    private static partial Regex BannerLine();
}
