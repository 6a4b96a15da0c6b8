using System.Diagnostics.CodeAnalysis;
using LowLatency.LoadTest.CommandLine;

namespace LowLatency.LoadTest.Sweeping;

/// <summary>Loads as users write them: <c>1k:10k:1k</c> in equal steps, <c>1:64:x2</c> by a factor, or a single one.</summary>
/// <remarks>The first is included, and the last where the steps meet it.</remarks>
internal static class LoadRange
{
    public const string Allowed = "from:to:step such as 10k:100k:10k, or from:to:xFACTOR such as 1:64:x2, at most 1000 loads";

    private const int MostLoads = 1_000;

    public static bool TryParse(string text, [NotNullWhen(true)] out long[]? loads)
    {
        loads = null;
        if (CountText.TryParse(text, out long only))
        {
            loads = [only];
            return true;
        }

        if (text.Split(':') is not [string fromText, string toText, string stepText]
            || !CountText.TryParse(fromText, out long from)
            || !CountText.TryParse(toText, out long to)
            || to < from)
        {
            return false;
        }

        bool isFactor = stepText.StartsWith('x');
        if (!CountText.TryParse(isFactor ? stepText[1..] : stepText, out long step) || (isFactor && step < 2))
        {
            return false;
        }

        var parsed = new List<long>();
        // In the widest type: the step beyond the end may be beyond a long as well.
        for (Int128 load = from; load <= to; load = isFactor ? load * step : load + step)
        {
            if (parsed.Count == MostLoads)
            {
                return false;
            }

            parsed.Add((long)load);
        }

        loads = [.. parsed];
        return true;
    }
}
