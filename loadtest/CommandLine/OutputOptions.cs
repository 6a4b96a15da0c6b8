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
    private readonly SidecarOption _sidecar = new();
    private readonly Option<Threshold[]> _thresholds = ThresholdOption.Create();

    public void AddTo(Command command)
    {
        command.Options.Add(_thresholds);
        _sidecar.AddTo(command);
        foreach (Option option in (Option[])[_json, _hgrm, _csv, _html, _quiet])
        {
            command.Options.Add(option);
        }
    }

    public bool IsQuiet(ParseResult parsed) => parsed.GetValue(_quiet);

    public IReadOnlyList<Threshold> Thresholds(ParseResult parsed) => parsed.GetValue(_thresholds) ?? [];

    public Sidecar? SidecarFor(ParseResult parsed, Workload workload) => _sidecar.For(parsed, workload);

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
}
