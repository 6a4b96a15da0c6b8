using System.Diagnostics;
using System.Text.Json.Nodes;
using LowLatency.Linux;
using LowLatency.LoadTest.CommandLine;
using LowLatency.LoadTest.Demo;
using LowLatency.LoadTest.Tests.Servers;

namespace LowLatency.LoadTest.Tests.CommandLine;

/// <summary>The tester as a process of its own.</summary>
public class ProcessTests
{
    [Fact]
    public void A_signal_ends_a_run_early_with_a_valid_report()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no SIGTERM.");
        using var manyServed = new CountdownEvent(100);
        using var server = new TestServer(connection =>
        {
            while (connection.Receive())
            {
                connection.Send("respuesta"u8.ToArray());
                if (!manyServed.IsSet)
                {
                    manyServed.Signal();
                }
            }
        });

        using Process tester = Start(server.Url, "-d", "10m", "--warmup", "0", "--timeout", "10s", "--json", "-");
        manyServed.Wait(TestContext.Current.CancellationToken);
        Assert.Equal(Errno.None, Termination.TryRequest(tester));
        string output = tester.StandardOutput.ReadToEnd();
        tester.WaitForExit();

        var run = new Invocation(tester.ExitCode, output, "");
        Assert.Equal(ExitCode.Interrupted, run.ExitCode);
        Assert.True((bool)run.Run["interrupted"]!);
        Assert.True(run.Count("ok") >= 100);
        Assert.InRange((double)run.Run["duration_s"]!, 0.000_001, 599);
    }

    [Fact]
    public void Standard_output_holds_nothing_but_the_JSON()
    {
        using var server = TestServer.Answering("respuesta"u8.ToArray());

        using Process tester = Start("-n", "10", server.Url, "--warmup", "0", "--timeout", "10s", "--json", "-");
        string output = tester.StandardOutput.ReadToEnd();
        string error = tester.StandardError.ReadToEnd();
        tester.WaitForExit();

        Assert.Equal(ExitCode.Fine, tester.ExitCode);
        Assert.NotNull(JsonNode.Parse(output));
        Assert.Empty(error);
    }

    private static Process Start(params string[] arguments)
        => Process.Start(new ProcessStartInfo(ServiceLocation.DotnetHost, [typeof(ExitCode).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
}
