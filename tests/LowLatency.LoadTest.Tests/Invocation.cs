using System.Text.Json.Nodes;
using LowLatency.LoadTest.CommandLine;

namespace LowLatency.LoadTest.Tests;

/// <summary>The tester as the shell sees it.</summary>
internal sealed record Invocation(int ExitCode, string Output, string Error)
{
    public static Invocation Of(params string[] arguments) => Of(CancellationToken.None, arguments);

    public static Invocation Of(CancellationToken interrupted, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int exitCode = LoadTestCommand.Invoke(WithPatience(arguments), new Terminal(output, error, ShowsProgress: false), interrupted);
        return new Invocation(exitCode, output.ToString(), error.ToString());
    }

    // A busy machine must not turn anything into a timeout where none is meant.
    private static string[] WithPatience(string[] arguments)
        => arguments is [string first, ..] && !arguments.Contains("--timeout") && (first.Contains("://", StringComparison.Ordinal) || first is "sweep" or "search" or "compare")
            ? [first, "--timeout", "10s", .. arguments[1..]]
            : arguments;

    /// <summary>The only run of a report that was asked for by <c>--json -</c>.</summary>
    public JsonNode Run => JsonNode.Parse(Output)!["runs"]!.AsArray().Single()!;

    public long Count(string outcome) => (long)Run["outcomes"]![outcome]!;

    /// <summary>The line on standard error; fails if there is more or less than one. A run of over a second has told of its progress as well.</summary>
    public string OnlyErrorLine => Assert.Single(
        Error.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries),
        line => line.StartsWith("loadtest: ", StringComparison.Ordinal) || !line.Contains(" requests/s, ", StringComparison.Ordinal));
}
