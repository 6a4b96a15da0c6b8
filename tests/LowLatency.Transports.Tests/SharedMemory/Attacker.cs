using System.Diagnostics;
using System.Globalization;
using LowLatency.Transports.Tests.Hosting;
using Xunit;

namespace LowLatency.Transports.Tests.SharedMemory;

/// <summary>A process that attaches and does not keep to the protocol; the programs in the folder of the same name.</summary>
internal sealed class Attacker : IAsyncDisposable
{
    private static readonly Lazy<Task<string>> Program = new(CompileAsync);

    private readonly Process _process;
    private readonly Task<string> _errors;

    private Attacker(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync(Cancellation);
    }

    private string Id => _process.Id.ToString(CultureInfo.InvariantCulture);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    internal static async Task<Attacker> StartAsync(string path, params string[] attack)
    {
        string program = await Program.Value;
        return new Attacker(Process.Start(new ProcessStartInfo(program, [path, .. attack])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!);
    }

    /// <summary>What it says next.</summary>
    internal async Task<string> SaysAsync()
        => await _process.StandardOutput.ReadLineAsync(Cancellation) ?? throw new InvalidOperationException($"The attacker failed: {await _errors}");

    internal async Task SaysAsync(string expected) => Assert.Equal(expected, await SaysAsync());

    internal Task GoOnAsync() => _process.StandardInput.WriteLineAsync("go on");

    internal void Kill() => _process.Kill();

    internal Task StopAsync() => External.RunAsync("kill", "-STOP", Id);

    internal Task ContinueAsync() => External.RunAsync("kill", "-CONT", Id);

    /// <summary>Waits until it has gone, as it does by itself when nothing is left for it to do.</summary>
    internal async Task GoneAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    private static async Task<string> CompileAsync()
    {
        string sources = Path.Combine(AppContext.BaseDirectory, "SharedMemory", "Attacker");
        string folder = Directory.CreateTempSubdirectory("lowlatency-attacker-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        string program = Path.Combine(folder, "attacker");
        await External.RunAsync("cc", ["-O2", "-Wall", "-Wextra", "-Werror", "-o", program, .. Directory.GetFiles(sources, "*.c"), "-pthread"]);
        return program;
    }
}
