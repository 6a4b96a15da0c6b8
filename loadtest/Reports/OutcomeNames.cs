using LowLatency.LoadTest.Measurement;

namespace LowLatency.LoadTest.Reports;

/// <summary>Outcomes as the reports name them.</summary>
internal static class OutcomeNames
{
    public static string Name(this Outcome outcome) => outcome switch
    {
        Outcome.Ok => "ok",
        Outcome.ConnectError => "connect error",
        Outcome.WriteError => "write error",
        Outcome.ReadError => "read error",
        Outcome.Timeout => "timeout",
        Outcome.Eof => "eof",
        Outcome.BadReply => "bad reply",
        Outcome.Aborted => "aborted",
        Outcome.Dropped => "dropped",
        _ => throw new ArgumentOutOfRangeException(nameof(outcome)),
    };
}
