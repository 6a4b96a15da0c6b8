using System.CommandLine;
using LowLatency.LoadTest.ServerSide;
using LowLatency.LoadTest.Thresholds;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.CommandLine;

/// <summary>The options of a run that say what becomes of its figures.</summary>
internal sealed class OutputOptions
{
    private readonly Option<string> _json = JsonDestination.CreateOption();
    private readonly Option<string> _hgrm = new("--hgrm") { Description = "Write the percentiles to a file that HdrHistogram's plotter reads", HelpName = "file" };
    private readonly Option<string> _csv = new("--csv") { Description = "Write the run second by second to a file", HelpName = "file" };
    private readonly Option<string> _html = PlotDestination.CreateHtmlOption();
    private readonly Option<bool> _quiet = new("--quiet") { Description = "No progress while it runs" };

    private readonly Option<SidecarChoice> _sidecar = ParsedOption.Create(
        "--sidecar", [], $"Where the server tells what it has counted (default {Sidecar.Default} for a target on this machine, if it answers)", "url|none",
        Sidecar.Allowed, (string text, out SidecarChoice choice) =>
        {
            bool isSidecar = Sidecar.TryParse(text, out Sidecar? sidecar);
            choice = new SidecarChoice(sidecar);
            return isSidecar;
        });

    private readonly Option<Threshold[]> _thresholds = ThresholdOption.Create();

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_thresholds, _sidecar, _json, _hgrm, _csv, _html, _quiet])
        {
            command.Options.Add(option);
        }
    }

    public bool IsQuiet(ParseResult parsed) => parsed.GetValue(_quiet);

    public IReadOnlyList<Threshold> Thresholds(ParseResult parsed) => parsed.GetValue(_thresholds) ?? [];

    public Sidecar? SidecarFor(ParseResult parsed, Workload workload)
        => parsed.GetValue(_sidecar) is SidecarChoice choice ? choice.Sidecar : Sidecar.DefaultFor(workload.Target);

    /// <summary>Where the reports go.</summary>
    /// <exception cref="UsageException">One of them cannot be written.</exception>
    public RunOutputs Outputs(ParseResult parsed)
    {
        Dictionary<string, string> files = ((Option<string>[])[_json, _hgrm, _csv, _html])
            .Where(option => parsed.GetValue(option) is not (null or "-"))
            .ToDictionary(option => option.Name, option => Path.GetFullPath(parsed.GetValue(option)!));
        if (files.GroupBy(file => file.Value).FirstOrDefault(same => same.Count() > 1) is IGrouping<string, KeyValuePair<string, string>> twice)
        {
            throw new UsageException($"{string.Join(" and ", twice.Select(file => file.Key))}: both write '{twice.Key}'; allowed: a file for each");
        }

        return new RunOutputs(new JsonDestination(parsed.GetValue(_json)), File(parsed, _hgrm), File(parsed, _csv), new PlotDestination(parsed.GetValue(_html)));
    }

    private static FileDestination? File(ParseResult parsed, Option<string> option) => parsed.GetValue(option) switch
    {
        null => null,
        "-" => throw new UsageException($"{option.Name}: '-' is not allowed; allowed: a file"),
        string path => new FileDestination(option.Name, path),
    };

    // Nobody is a choice too, and not the same as none.
    private sealed record SidecarChoice(Sidecar? Sidecar);
}
