using Spectre.Console;

namespace LowLatency.LoadTest.Reports;

/// <summary>A Spectre console on any writer: colours on a terminal, plain and as wide as it takes elsewhere.</summary>
internal static class PlainConsole
{
    // Whatever reads a pipe can wrap lines by itself; a table that was wrapped cannot be put together again.
    private const int WidthWithoutTerminal = 250;

    public static IAnsiConsole On(TextWriter writer)
    {
        var output = new AnsiConsoleOutput(writer);
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = output,
            Interactive = InteractionSupport.No,
            Ansi = output.IsTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = output.IsTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        });
        if (!output.IsTerminal)
        {
            console.Profile.Width = WidthWithoutTerminal;
        }

        return console;
    }
}
