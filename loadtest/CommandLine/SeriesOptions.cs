using System.CommandLine;
using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Reports;
using LowLatency.LoadTest.ServerSide;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.CommandLine;

/// <summary>What becomes of the figures of several runs.</summary>
internal sealed class SeriesOptions
{
    private readonly Option<string> _json = JsonDestination.CreateOption();
    private readonly Option<string> _html = PlotDestination.CreateHtmlOption();
    private readonly SidecarOption _sidecar = new();
    private readonly Option<bool> _quiet = new("--quiet") { Description = "No progress while it runs" };

    public void AddTo(Command command)
    {
        _sidecar.AddTo(command);
        command.Options.Add(_json);
        command.Options.Add(_html);
        command.Options.Add(_quiet);
    }

    public bool IsQuiet(ParseResult parsed) => parsed.GetValue(_quiet);

    public Sidecar? SidecarFor(ParseResult parsed, Workload workload) => _sidecar.For(parsed, workload);

    /// <summary>Where the reports go.</summary>
    /// <exception cref="UsageException">One of them cannot be written.</exception>
    public SeriesOutputs Outputs(ParseResult parsed)
        => new(new JsonDestination(parsed.GetValue(_json)), new PlotDestination(parsed.GetValue(_html)));
}

/// <summary>Where several runs are reported to.</summary>
internal sealed record SeriesOutputs(JsonDestination Json, PlotDestination Plots)
{
    /// <summary>Writes whatever was asked for, all from one document.</summary>
    public void Write(IReadOnlyList<RunResult> results, MachineEnvironment environment, TextWriter standardOutput)
    {
        var document = new Lazy<string>(() => JsonReport.Write(results, environment));
        Json.Write(() => document.Value, standardOutput);
        if (results.Count > 0)
        {
            Plots.WriteIfAnywhere(() => document.Value);
        }
    }
}
