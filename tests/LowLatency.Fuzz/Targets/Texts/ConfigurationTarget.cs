using LowLatency.Fuzz.Driver;
using LowLatency.Service;
using LowLatency.Service.Configuration;
using Microsoft.Extensions.Configuration;

namespace LowLatency.Fuzz.Targets.Texts;

/// <summary>Any keys and values: options that are within their bounds, or problems of one line each; nothing is thrown.</summary>
internal sealed class ConfigurationTarget() : FuzzTarget(
    "configuration",
    [
        "\n", "=", ":", "0", "1", "-1", "true", "false", "2147483647", "2147483648", "00:00:01", "00:00:00.001", "1.00:00:00", "Line", "LengthPrefix", "Sockets", "BusyPoll", "BusySpin", "Blocking",
        "Response=", "Framing=", "Endpoints:A:Url=", "Endpoints:B:Url=", "Endpoints:A:Transport=", "Endpoints:A:Framing=", "Sidecar:Url=", "Sidecar:Url=http://127.0.0.1:9464", "Polling:WaitStrategy=", "Polling:SpinFor=",
        "Polling:Loops=", "Polling:Cpus=", "Polling:Cpus:0=", "Tuning:LockMemory=", "Tuning:RealtimePriority=", "Tuning:WarmUp=", "Tuning:Required=", "Metrics:Enabled=", "Limits:MaxConnections=",
        "Limits:MaxConnectionsPerAddress=", "Limits:MaxMessageBytes=", "Limits:MessageTimeout=", "Limits:IdleTimeout=", "Limits:ReplyTimeout=", "Limits:MaxPendingReplyBytes=", "Limits:ShutdownTimeout=",
        "tcp://127.0.0.1:8080", "tcp://[::1]:0", "tcp://*:0", "unix:///tmp/a", "shm:///tmp/b", "http://localhost:0", "http://[::1%1]:1",
    ])
{
    public override void Run(FuzzInput input)
    {
        string[] lines = input.Text(int.MaxValue).Split('\n');
        ReadSettings(lines);
        ReadCommandLine(lines);
    }

    private static void ReadSettings(string[] lines)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (string line in lines)
        {
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            settings[$"LowLatency:{(equals < 0 ? line : line[..equals])}"] = equals < 0 ? null : line[(equals + 1)..].Replace('\v', '\n');
        }

        var problems = new ConfigurationProblems();
        ServiceOptions options = ServiceOptionsReader.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), problems);
        foreach (string problem in problems.Lines)
        {
            OneLine.Require(problem);
        }

        if (problems.Lines.Count == 0)
        {
            Require(options.Response.Length > 0, "There is a reply.");
            Require(options.Limits.MaxConnections > 0 && options.Limits.ShutdownTimeout > TimeSpan.Zero, "Limits are above zero.");
            Require(options.Responder is { MaxMessageBytes: > 0, MaxPendingReplyBytes: > 0 }, "Sizes are above zero.");
            Require(options.Polling.Loops > 0 && options.Polling.SpinFor > TimeSpan.Zero && options.Polling.Cpus.Count <= options.Polling.Loops, "Loops have CPUs of their own.");
        }
    }

    private static void ReadCommandLine(string[] arguments)
    {
        if (CommandLine.FindProblem(arguments) is string problem)
        {
            OneLine.Require(problem);
        }
        else
        {
            _ = new ConfigurationBuilder().AddCommandLine(arguments).Build();
        }
    }
}
