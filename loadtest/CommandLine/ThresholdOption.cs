using System.CommandLine;
using System.CommandLine.Parsing;
using LowLatency.LoadTest.Thresholds;

namespace LowLatency.LoadTest.CommandLine;

/// <summary>The option <c>--threshold</c>, which may be there several times.</summary>
internal static class ThresholdOption
{
    private const string Name = "--threshold";

    public static Option<Threshold[]> Create() => new(Name)
    {
        Description = "A bar to hold, such as p99.9<50us, errors==0, under_1ms>0.999, rate>=0.99 or requests_per_second>=100k; may be repeated. Exit code 99 when one is missed",
        HelpName = "bar",
        Arity = ArgumentArity.OneOrMore,
        CustomParser = Parse,
    };

    private static Threshold[] Parse(ArgumentResult result)
    {
        var thresholds = new List<Threshold>();
        foreach (Token token in result.Tokens)
        {
            if (!Threshold.TryParse(token.Value, out Threshold? threshold, out string? error))
            {
                result.AddError($"{Name}: {error}");
                return [];
            }

            thresholds.Add(threshold);
        }

        return [.. thresholds];
    }
}
