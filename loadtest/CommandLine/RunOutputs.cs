using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Reports;

namespace LowLatency.LoadTest.CommandLine;

/// <summary>Where a run is reported to.</summary>
internal sealed record RunOutputs(JsonDestination Json, FileDestination? Hgrm, FileDestination? Csv, PlotDestination Plots)
{
    /// <summary>Writes every report that was asked for, and the text unless standard output is the JSON's.</summary>
    public void Write(RunResult result, MachineEnvironment environment, TextWriter standardOutput)
    {
        if (!Json.IsStandardOutput)
        {
            TextReport.Write(result, environment, standardOutput);
        }

        var document = new Lazy<string>(() => JsonReport.Write([result], environment));
        Json.Write(() => document.Value, standardOutput);
        Plots.WriteIfAnywhere(() => document.Value);
        Hgrm?.Write(writer => HgrmReport.Write(result, environment, writer));
        Csv?.Write(writer => CsvReport.Write(result, environment, writer));
    }
}
