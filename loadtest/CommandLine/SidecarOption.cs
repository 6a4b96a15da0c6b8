using System.CommandLine;
using LowLatency.LoadTest.ServerSide;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.CommandLine;

/// <summary>The option that says who tells the server's side of a run.</summary>
internal sealed class SidecarOption
{
    private readonly Option<Choice> _option;

    public SidecarOption()
        : this("--sidecar", $"The service's metrics endpoint, whose count is compared with the tester's (default {Sidecar.Default} for a target on this machine, if it answers)")
    {
    }

    public SidecarOption(string name, string description)
        => _option = ParsedOption.Create(name, [], description, "url|none", Sidecar.Allowed, (string text, out Choice choice) =>
        {
            bool isSidecar = Sidecar.TryParse(text, out Sidecar? sidecar);
            choice = new Choice(sidecar);
            return isSidecar;
        });

    public void AddTo(Command command) => command.Options.Add(_option);

    public bool IsGiven(ParseResult parsed) => parsed.GetResult(_option) is not null;

    /// <summary>Whom to ask: the one that was named, or the default one where there may be one.</summary>
    public Sidecar? For(ParseResult parsed, Workload workload)
        => parsed.GetValue(_option) is Choice choice ? choice.Sidecar : Sidecar.DefaultFor(workload.Target);

    // Nobody is a choice too, and not the same as none.
    private sealed record Choice(Sidecar? Sidecar);
}
