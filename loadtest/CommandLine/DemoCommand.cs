using System.CommandLine;

namespace LowLatency.LoadTest.CommandLine;

internal static class DemoCommand
{
    public static Command Create(Terminal terminal, CancellationToken interrupted) => new("demo", "Later");
}
