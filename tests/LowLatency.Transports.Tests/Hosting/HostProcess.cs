using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using Xunit;

namespace LowLatency.Transports.Tests.Hosting;

/// <summary>The echo server in a process of its own, which may be starved without starving the tests.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    private HostProcess(Process process) => _process = process;

    internal EndPoint Address { get; private set; } = new IPEndPoint(IPAddress.Loopback, 0);

    internal IReadOnlyCollection<string> Lines => _lines;

    internal int Descriptors => Directory.GetFiles($"/proc/{_process.Id}/fd").Length;

    internal TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    internal static async Task<HostProcess> StartAsync()
    {
        string program = Path.Combine(AppContext.BaseDirectory, "LowLatency.Transports.TestHost.dll");
        var host = new HostProcess(Process.Start(new ProcessStartInfo("dotnet", [program]) { RedirectStandardInput = true, RedirectStandardOutput = true })!);
        string? port = await host._process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        host.Address = new IPEndPoint(IPAddress.Loopback, int.Parse(port!, CultureInfo.InvariantCulture));
        _ = host.CollectLinesAsync();
        return host;
    }

    // Ends with the process.
    private async Task CollectLinesAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is string line)
        {
            _lines.Enqueue(line);
        }
    }

    /// <summary>Changes how many descriptors it may have.</summary>
    internal Task LimitDescriptorsAsync(int limit)
        => External.RunAsync("prlimit", "--pid", _process.Id.ToString(CultureInfo.InvariantCulture), $"--nofile={limit.ToString(CultureInfo.InvariantCulture)}:");

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
