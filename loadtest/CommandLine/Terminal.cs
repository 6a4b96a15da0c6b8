namespace LowLatency.LoadTest.CommandLine;

/// <summary>Where the tester writes: results on one side, what concerns only the person in front of it on the other.</summary>
/// <param name="Out">Results.</param>
/// <param name="Error">Mistakes, each one line, and progress.</param>
/// <param name="ShowsProgress">Whether a person watches <paramref name="Error"/>.</param>
internal sealed record Terminal(TextWriter Out, TextWriter Error, bool ShowsProgress)
{
    public static Terminal OfProcess => new(Console.Out, Console.Error, !Console.IsErrorRedirected);
}
