using System.CommandLine;
using System.CommandLine.Parsing;

namespace LowLatency.LoadTest.CommandLine;

/// <summary>The tester's command line: verbs, and what becomes of mistakes.</summary>
internal sealed class LoadTestCommand
{
    private const string DefaultVerb = "run";

    private const string Description = """
        Drives a service over TCP, Unix sockets or shared memory and reports what it measured

        Without a verb it is run: 'loadtest tcp://127.0.0.1:8080 -d 5s'. What a verb does and which options it has is told by
        'loadtest VERB --help'. With nothing to drive yet, begin with 'loadtest demo'.
        """;

    private static readonly string[] Help = ["-h", "-?", "--help", "help"];

    private readonly RootCommand _root = new(Description);

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
                ? Fail(terminal, Explain(first), ExitCode.Usage)
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
        if (arguments is [string asked] && Help.Contains(asked))
        {
            return ParseHelp();
        }

        bool hasVerb = arguments is [string first, ..]
            && (Help.Contains(first) || first == "--version" || _root.Subcommands.Any(verb => verb.Name == first));

        // Here @file is a payload, not a file of arguments.
        var configuration = new ParserConfiguration { ResponseFileTokenReplacer = null };
        return _root.Parse(hasVerb ? arguments : [DefaultVerb, .. arguments], configuration);
    }

    // A line for each verb: what else it has to say is in its own help.
    private ParseResult ParseHelp()
    {
        foreach (Command verb in _root.Subcommands)
        {
            verb.Description = verb.Description?.Split('\n')[0].TrimEnd();
        }

        return _root.Parse("--help");
    }

    private static string Explain(ParseError error) => error.SymbolResult switch
    {
        OptionResult { Tokens.Count: 0 } given => $"{given.Option.Name}: its value is missing; allowed: <{given.Option.HelpName}>, which --help explains",
        CommandResult given => $"{error.Message.TrimEnd('.')}; {given.Command.Name} --help lists what is allowed",
        _ => error.Message,
    };

    private static int Fail(Terminal terminal, string message, int exitCode)
    {
        terminal.Error.WriteLine($"loadtest: {message.ReplaceLineEndings(" ")}");
        return exitCode;
    }
}
