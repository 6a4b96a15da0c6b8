using System.Collections.Concurrent;
using System.Diagnostics;
using LowLatency.Linux;

namespace LowLatency.LoadTest.Demo;

/// <summary>The service as a process of its own, from the start until it is ready, and to its orderly end.</summary>
internal sealed class ServiceProcess : IDisposable
{
    private const int LinesKept = 50;

    // A service that has died is noticed at once. One that warms up beside others on a busy machine takes its time.
    private static readonly TimeSpan ReadyDeadline = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PauseBetweenLooks = TimeSpan.FromMilliseconds(50);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();

    private ServiceProcess(Process process) => _process = process;

    /// <summary>Starts the service on some endpoints.</summary>
    /// <param name="service">Its assembly or native executable.</param>
    /// <param name="endpoints">Where it listens.</param>
    /// <param name="settings">More of its configuration, as <c>Key=Value</c>; it wins over what is set here.</param>
    /// <exception cref="IOException">It could not be started at all.</exception>
    public static ServiceProcess Start(string service, DemoEndpoints endpoints, IReadOnlyList<string>? settings = null)
    {
        // What the user has configured elsewhere must not change what is shown here.
        IReadOnlyList<string> command = ServiceLocation.CommandFor(service);
        string[] arguments =
        [
            .. command.Skip(1),
            "--LowLatency:Response=respuesta",
            "--LowLatency:Framing=None",
            $"--LowLatency:Endpoints:Tcp:Url={endpoints.Tcp}",
            $"--LowLatency:Endpoints:Unix:Url={endpoints.Unix}",
            $"--LowLatency:Endpoints:Shm:Url={endpoints.Shm}",
            $"--LowLatency:Sidecar:Url={endpoints.Sidecar.GetLeftPart(UriPartial.Authority)}",
            .. (settings ?? []).Select(setting => $"--{setting}"),
        ];
        var start = new ProcessStartInfo(command[0], arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var process = new Process { StartInfo = start };
        var started = new ServiceProcess(process);
        process.OutputDataReceived += started.Keep;
        process.ErrorDataReceived += started.Keep;
        try
        {
            process.Start();
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            process.Dispose();
            throw new IOException($"{start.FileName} could not be started: {e.Message}", e);
        }

        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return started;
    }

    /// <summary>The last lines that it wrote.</summary>
    public string Output => string.Join(Environment.NewLine, _output);

    /// <summary>Waits until it says that it is ready.</summary>
    /// <returns>Whether it did, before it ended or the deadline passed.</returns>
    /// <exception cref="OperationCanceledException">Interrupted.</exception>
    public bool WaitUntilReady(Uri sidecar, CancellationToken interrupted)
    {
        using var probe = new HealthProbe();
        var health = new Uri(sidecar, "/health/ready");
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < ReadyDeadline)
        {
            if (_process.WaitForExit(PauseBetweenLooks))
            {
                // Returns when all that it wrote has been read.
                _process.WaitForExit();
                return false;
            }

            if (probe.IsGood(health, interrupted))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Stops it where it stands, for as long as nobody lets it go on.</summary>
    public Errno TrySuspend() => Suspension.TryStop(_process);

    public Errno TryResume() => Suspension.TryContinue(_process);

    private void Keep(object sender, DataReceivedEventArgs received)
    {
        if (received.Data is not null)
        {
            _output.Enqueue(received.Data);
            while (_output.Count > LinesKept)
            {
                _output.TryDequeue(out _);
            }
        }
    }

    /// <summary>Ends the service: asks it to, and kills it when it takes too long.</summary>
    public void Dispose()
    {
        if (OperatingSystem.IsWindows() || Termination.TryRequest(_process) != Errno.None || !_process.WaitForExit(StopDeadline))
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
    }
}
