using System.CommandLine;
using System.CommandLine.Parsing;

namespace LowLatency.LoadTest.CommandLine;

/// <summary>The tester's command line: verbs, and what becomes of mistakes.</summary>
internal sealed class LoadTestCommand
{
    private const string DefaultVerb = "run";

    private readonly RootCommand _root = new("Drives a LowLatency service and reports what it measured. Without a verb it runs one workload: run --help lists the options.");

    public LoadTestCommand(Terminal terminal, CancellationToken interrupted)
    {
        _root.Subcommands.Add(RunCommand.Create(terminal, interrupted));
        _root.Subcommands.Add(DemoCommand.Create(terminal, interrupted));
        _root.Subcommands.Add(SweepCommand.Create(terminal, interrupted));
        _root.Subcommands.Add(SearchCommand.Create(terminal, interrupted));
        _root.Subcommands.Add(CompareCommand.Create(terminal, interrupted));
        _root.Subcommands.Add(ReportCommand.Create());
        _root.Subcommands.Add(ReferenceCommand.Create(terminal, interrupted));
        _root.Subcommands.Add(ReferenceServerCommand.Create(terminal, interrupted));
    }

    /// <summary>Does what the arguments say.</summary>
    /// <returns>The process's exit code.</returns>
    public static int Invoke(string[] arguments, Terminal terminal, CancellationToken interrupted)
    {
        try
        {
            ParseResult parsed = new LoadTestCommand(terminal, interrupted).Parse(arguments);
            return parsed.Errors is [ParseError first, ..]
                ? Fail(terminal, first.Message, ExitCode.Usage)
                : parsed.Invoke(new InvocationConfiguration
                {
                    Output = terminal.Out,
                    Error = terminal.Error,
                    EnableDefaultExceptionHandler = false,
                    ProcessTerminationTimeout = null,
                });
        }
        catch (UsageException e)
        {
            return Fail(terminal, e.Message, ExitCode.Usage);
        }
        catch (IOException e)
        {
            return Fail(terminal, e.Message, ExitCode.CouldNotRun);
        }
    }

    private ParseResult Parse(string[] arguments)
    {
        bool hasVerb = arguments is [string first, ..]
            && (first is "-h" or "-?" or "--help" or "--version" || _root.Subcommands.Any(verb => verb.Name == first));

        // Here @file is a payload, not a file of arguments.
        var configuration = new ParserConfiguration { ResponseFileTokenReplacer = null };
        return _root.Parse(hasVerb ? arguments : [DefaultVerb, .. arguments], configuration);
    }

    private static int Fail(Terminal terminal, string message, int exitCode)
    {
        terminal.Error.WriteLine($"loadtest: {message.ReplaceLineEndings(" ")}");
        return exitCode;
    }
}
