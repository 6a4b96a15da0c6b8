using System.Diagnostics;
using Xunit;

namespace LowLatency.Service.Tests.Running;

/// <summary>A program that a test needs and that may not be installed.</summary>
/// <remarks>Missing, it skips the test; where LOWLATENCY_REQUIRE_EXTERNALS is 1, it fails it.</remarks>
internal static class External
{
    private const string Requirement = "LOWLATENCY_REQUIRE_EXTERNALS";

    /// <summary>The program's path.</summary>
    internal static string Require(string program, string package)
    {
        string? path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .Select(folder => Path.Join(folder, program))
            .FirstOrDefault(File.Exists);
        if (path is null && Environment.GetEnvironmentVariable(Requirement) == "1")
        {
            Assert.Fail($"{program} is missing (Debian package {package}), and {Requirement} is 1.");
        }

        Assert.SkipWhen(path is null, $"{program} is missing (Debian package {package}).");
        return path!;
    }

    /// <summary>Runs a shell line to its end.</summary>
    internal static Task<(int ExitCode, string Output)> ShellAsync(string line) => RunAsync("/bin/sh", "-c", line);

    /// <summary>Runs a program to its end, and gives what it wrote to both of its outputs.</summary>
    internal static Task<(int ExitCode, string Output)> RunAsync(string program, params string[] arguments)
        => RunAsync(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true });

    internal static async Task<(int ExitCode, string Output)> RunAsync(ProcessStartInfo start)
    {
        using Process process = Process.Start(start)!;
        using var deadline = new CancellationTokenSource(Deadline.Default);
        try
        {
            Task<string> error = process.StandardError.ReadToEndAsync(deadline.Token);
            string output = await process.StandardOutput.ReadToEndAsync(deadline.Token);
            output += await error;
            await process.WaitForExitAsync(deadline.Token);
            return (process.ExitCode, output);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }
}
