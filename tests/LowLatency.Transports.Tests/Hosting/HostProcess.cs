using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using LowLatency.Transports.SharedMemory;
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

    /// <summary>What a listener keeps spare, and what wakes a loop.</summary>
    internal int EventFiles => Directory.GetFiles($"/proc/{_process.Id}/fd").Count(file => new FileInfo(file).LinkTarget == "anon_inode:[eventfd]");

    private string Id => _process.Id.ToString(CultureInfo.InvariantCulture);

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
        (HostProcess host, string line) = await StartAsync([]);
        host.Address = new IPEndPoint(IPAddress.Loopback, int.Parse(line, CultureInfo.InvariantCulture));
        return host;
    }

    /// <summary>The same over shared memory, which it has for a few connections.</summary>
    internal static async Task<HostProcess> StartSharedMemoryAsync()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".sock");
        (HostProcess host, _) = await StartAsync([path]);
        host.Address = new SharedMemoryEndPoint(path);
        return host;
    }

    private static async Task<(HostProcess Host, string FirstLine)> StartAsync(string[] arguments)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "LowLatency.Transports.TestHost.dll");

        // Without the death by a signal that the kernel has for those who want more memory in a file than they may have.
        string[] shell = ["-c", "trap '' XFSZ; exec dotnet \"$@\"", "sh", program, .. arguments];
        var host = new HostProcess(Process.Start(new ProcessStartInfo("sh", shell) { RedirectStandardInput = true, RedirectStandardOutput = true })!);
        string? line = await host._process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        _ = host.CollectLinesAsync();
        return (host, line!);
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
    internal Task LimitDescriptorsAsync(int limit) => External.RunAsync("prlimit", "--pid", Id, $"--nofile={limit.ToString(CultureInfo.InvariantCulture)}:");

    /// <summary>Changes how long its files may get, those in memory among them.</summary>
    internal Task LimitFilesAsync(string bytes) => External.RunAsync("prlimit", "--pid", Id, $"--fsize={bytes}:");

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var patience = new CancellationTokenSource(Hanging.Patience);
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
