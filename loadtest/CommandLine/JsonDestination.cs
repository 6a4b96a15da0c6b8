using System.CommandLine;

namespace LowLatency.LoadTest.CommandLine;

/// <summary>Where a report goes as JSON: to a file, to standard output, or nowhere.</summary>
internal sealed record JsonDestination
{
    private const string StandardOutput = "-";

    private readonly string? _path;

    /// <param name="path">What <c>--json</c> says; <c>null</c> where it is not there.</param>
    /// <exception cref="UsageException">It cannot be written: a run is too long to find out only at its end.</exception>
    public JsonDestination(string? path)
    {
        _path = path;
        RequireWritable("--json", IsStandardOutput ? null : path, ", or - for standard output");
    }

    /// <summary>Whether nothing else may be printed there.</summary>
    public bool IsStandardOutput => _path == StandardOutput;

    public static Option<string> CreateOption() => new("--json")
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
        else if (_path is not null)
        {
            File.WriteAllText(_path, document() + Environment.NewLine);
        }
    }

    /// <exception cref="UsageException">A file that an option names cannot be written.</exception>
    internal static void RequireWritable(string option, string? path, string otherwise = "")
    {
        if (path is null)
        {
            return;
        }

        try
        {
            using FileStream file = File.OpenWrite(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"{option}: '{path}' cannot be written; allowed: a file that can{otherwise}");
        }
    }
}
