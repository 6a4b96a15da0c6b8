using System.Diagnostics;
using LowLatency.Linux;
using LowLatency.LoadTest.CommandLine;
using LowLatency.LoadTest.Demo;

namespace LowLatency.LoadTest.Tests;

/// <summary>The tester as a process of its own. Disposing kills it if it still runs.</summary>
internal sealed class TesterProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _error;

    private TesterProcess(Process process)
    {
        // Read from the start, or a full pipe stops the writer.
        _process = process;
        _output = process.StandardOutput.ReadToEndAsync();
        _error = process.StandardError.ReadToEndAsync();
    }

    public static TesterProcess Start(params string[] arguments)
        => new(Process.Start(new ProcessStartInfo(ServiceLocation.DotnetHost, [typeof(ExitCode).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!);

    public void Stop() => Assert.Equal(Errno.None, Suspension.TryStop(_process));

    public void Continue() => Assert.Equal(Errno.None, Suspension.TryContinue(_process));

    public Invocation WaitForExit()
    {
        Assert.True(_process.WaitForExit(TimeSpan.FromSeconds(60)), "The tester does not end.");
        return new Invocation(_process.ExitCode, _output.GetAwaiter().GetResult(), _error.GetAwaiter().GetResult());
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
