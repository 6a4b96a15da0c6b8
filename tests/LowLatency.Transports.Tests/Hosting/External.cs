using System.Diagnostics;
using Xunit;

namespace LowLatency.Transports.Tests.Hosting;

/// <summary>Programs of the system that a test drives. Missing ones skip the test, unless the environment insists on them.</summary>
internal static class External
{
    private static bool Required => Environment.GetEnvironmentVariable("LOWLATENCY_REQUIRE_EXTERNALS") == "1";

    /// <summary>Runs a program to its end.</summary>
    /// <returns>What it wrote to its output.</returns>
    internal static async Task<string> RunAsync(string program, params string[] arguments)
    {
        Demand(program);
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}: {await errors}");
            return output;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    internal static void Demand(string program)
    {
        bool exists = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));
        if (!Required)
        {
            Assert.SkipUnless(exists, $"{program} is not installed.");
        }

        Assert.True(exists, $"{program} is not installed, and LOWLATENCY_REQUIRE_EXTERNALS=1 demands it.");
    }
}
