using System.CommandLine;

namespace LowLatency.LoadTest.CommandLine;

/// <summary>Where a report goes as JSON: to a file, to standard output, or nowhere.</summary>
internal sealed class JsonDestination
{
    private const string Name = "--json";
    private const string StandardOutput = "-";

    private readonly FileDestination? _file;

    /// <param name="path">What <c>--json</c> says; <c>null</c> where it is not there.</param>
    /// <exception cref="UsageException">It cannot be written.</exception>
    public JsonDestination(string? path)
    {
        IsStandardOutput = path == StandardOutput;
        _file = path is null || IsStandardOutput ? null : new FileDestination(Name, path, "a file that can, or - for standard output");
    }

    /// <summary>Whether nothing else may be printed there.</summary>
    public bool IsStandardOutput { get; }

    public static Option<string> CreateOption() => new(Name)
    {
        Description = "Write the results as JSON to a file, or to standard output with -",
        HelpName = "file|-",
    };

    /// <summary>Writes the document, which is made only if somebody wants it.</summary>
    public void Write(Func<string> document, TextWriter standardOutput)
    {
        if (IsStandardOutput)
        {
            standardOutput.WriteLine(document());
        }
        else
        {
            _file?.Write(writer => writer.WriteLine(document()));
        }
    }
}
