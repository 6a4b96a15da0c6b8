using System.Collections.Concurrent;
using System.Diagnostics;
using LowLatency.Linux;
using LowLatency.LoadTest.Baselines.Servers;
using LowLatency.LoadTest.Demo;

namespace LowLatency.LoadTest.Baselines;

/// <summary>A server as a process of its own, which runs only while it is measured.</summary>
/// <remarks>
/// Servers spin, so two of them would share a CPU. A stopped one stays warm. It is killed when the thread that started it
/// ends, even if this process crashes: stopped, it could not see that by itself.
/// </remarks>
internal sealed class ServerProcess : IDisposable
{
    private const int LinesKept = 50;
    private const string ReadyLine = "ready";

    private static readonly TimeSpan ReadyDeadline = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopDeadline = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PauseBetweenLooks = TimeSpan.FromMilliseconds(20);

    private readonly Process _process;
    private readonly Server _server;
    private readonly Uri? _health;
    private readonly ConcurrentQueue<string> _output = new();
    private volatile bool _saidReady;

    private ServerProcess(Process process, Server server, DemoEndpoints endpoints, Uri? health)
        => (_process, _server, Endpoints, _health) = (process, server, endpoints, health);

    public DemoEndpoints Endpoints { get; }

    /// <summary>User and system time of all its threads so far, in the kernel's ticks of mostly 10 ms.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Open sockets: the listening ones and one for each connection.</summary>
    public int Sockets => new DirectoryInfo($"/proc/{_process.Id}/fd").EnumerateFiles().Count(IsSocket);

    /// <summary>Starts a server, waits until it is ready, binds it to its CPUs and stops it.</summary>
    /// <exception cref="IOException">It did not come up; the message holds what it said.</exception>
    /// <exception cref="OperationCanceledException">Interrupted.</exception>
    public static ServerProcess Start(Server server, Func<DemoEndpoints, LaunchSite> siteOf, CancellationToken interrupted)
    {
        var endpoints = new DemoEndpoints();
        try
        {
            LaunchSite site = siteOf(endpoints);
            ServerProcess started = Start(server, site);
            try
            {
                started.WaitUntilReady(interrupted);
                started.Bind(site.Cpus.Server);
                started.Stop();
                return started;
            }
            catch
            {
                started.End();
                throw;
            }
        }
        catch
        {
            endpoints.Dispose();
            throw;
        }
    }

    private static ServerProcess Start(Server server, LaunchSite site)
    {
        ServerLaunch launch = server.Launch(site);
        string withParent = Path.Combine(site.CPrograms, CPrograms.WithParent);
        var start = new ProcessStartInfo(withParent, [$"{Environment.ProcessId}", .. launch.Command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach ((string name, string value) in launch.Environment)
        {
            start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start };
        var started = new ServerProcess(process, server, site.Endpoints, launch.Health);
        process.OutputDataReceived += started.Keep;
        process.ErrorDataReceived += started.Keep;
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return started;
    }

    public void Continue() => Require(Suspension.TryContinue(_process));

    public void Stop() => Require(Suspension.TryStop(_process));

    /// <summary>Asks it to end. A stopped process does so when it goes on, which it is told as well.</summary>
    public void RequestEnd()
    {
        Termination.TryRequest(_process);
        Suspension.TryContinue(_process);
    }

    private void WaitUntilReady(CancellationToken interrupted)
    {
        using var probe = new HealthProbe();
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < ReadyDeadline)
        {
            interrupted.ThrowIfCancellationRequested();
            if (_process.WaitForExit(PauseBetweenLooks))
            {
                _process.WaitForExit();
                break;
            }

            if (_health is null ? _saidReady : probe.IsGood(_health, interrupted))
            {
                return;
            }
        }

        throw new IOException($"{_server.Title} did not become ready; it said: {string.Join(" ", _output)}");
    }

    private void Bind(IReadOnlyList<int> cpus)
    {
        if (cpus.Count > 0)
        {
            Require(CpuAffinity.TrySetAllThreads(_process, [.. cpus]));
        }
    }

    private void Require(Errno error)
    {
        if (error != Errno.None)
        {
            throw new IOException($"{_server.Title}: {error}");
        }

        if (_process.HasExited)
        {
            throw new IOException($"{_server.Title} has ended by itself with {_process.ExitCode}; it said: {string.Join(" ", _output)}");
        }
    }

    private static bool IsSocket(FileInfo descriptor)
    {
        try
        {
            return descriptor.LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true;
        }
        catch (IOException)
        {
            // Closed since it was listed.
            return false;
        }
    }

    private void Keep(object sender, DataReceivedEventArgs received)
    {
        if (received.Data is null)
        {
            return;
        }

        _saidReady |= received.Data == ReadyLine;
        _output.Enqueue(received.Data);
        while (_output.Count > LinesKept)
        {
            _output.TryDequeue(out _);
        }
    }

    private void End()
    {
        RequestEnd();
        if (!_process.WaitForExit(StopDeadline))
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    public void Dispose()
    {
        End();
        Endpoints.Dispose();
    }
}
