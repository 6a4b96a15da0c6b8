using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using LowLatency.LoadTest.Measurement;

namespace LowLatency.LoadTest.Thresholds;

/// <summary>A bar that a run has to hold, as in <c>p99.9&lt;50us</c>.</summary>
internal sealed partial record Threshold(string Text, Figure Figure, Comparison Comparison, double Bound)
{
    public ThresholdVerdict Judge(RunResult result)
    {
        Reading reading = Figure.Read(result);
        return new ThresholdVerdict(
            this,
            reading.Value,
            IsHeld: reading.Value is double value && Comparison.Holds(value, Bound),
            reading.WhyNone);
    }

    public static bool TryParse(string text, [NotNullWhen(true)] out Threshold? threshold, [NotNullWhen(false)] out string? error)
    {
        threshold = null;
        Match match = Parts().Match(text);
        if (!match.Success || Comparisons.Parse(match.Groups["comparison"].Value) is not Comparison comparison)
        {
            error = $"'{text}' is not allowed; allowed: a figure, one of {Comparisons.Allowed}, and a bound, such as p99.9<50us or errors==0";
            return false;
        }

        if (!Figure.TryParse(match.Groups["figure"].Value, out Figure? figure))
        {
            error = $"'{text}' names no figure; allowed: {Figure.Allowed}";
            return false;
        }

        if (!figure.Unit.TryParse(match.Groups["bound"].Value, out double bound))
        {
            error = $"'{text}' has no bound for {figure.Name}; allowed: {figure.Unit.Allowed()}";
            return false;
        }

        threshold = new Threshold(text.Trim(), figure, comparison, bound);
        error = null;
        return true;
    }

    [GeneratedRegex(@"^\s*(?<figure>[\w.]+)\s*(?<comparison>[<>=!]+)\s*(?<bound>[^\s<>=!]+)\s*$")]
    private static partial Regex Parts();
}
