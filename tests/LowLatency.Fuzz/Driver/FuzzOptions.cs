using System.Globalization;

namespace LowLatency.Fuzz.Driver;

/// <summary>What stood on the command line.</summary>
/// <param name="Target">A target's name, or <c>all</c>.</param>
/// <param name="Limit">How long each target is fuzzed.</param>
/// <param name="Seed">Where the mutations begin.</param>
/// <param name="Input">One file to run instead.</param>
/// <param name="Save">Where findings go.</param>
/// <param name="Keep">Where inputs go that found new ways, and where the next run finds them; <c>null</c> for nowhere.</param>
/// <param name="IsWorker">This process is the instrumented copy.</param>
internal sealed record FuzzOptions(string Target, TimeSpan Limit, int Seed, string? Input, string Save, string? Keep, bool IsWorker)
{
    internal const string Usage = """
        Usage: dotnet run -c Release --project tests/LowLatency.Fuzz -- <target|all> [options]

          --seconds N    how long each target is fuzzed (default 20)
          --seed N       where the mutations begin (default: the clock)
          --input FILE   runs one input, such as one that was saved, and says what came of it
          --save DIR     where a finding is saved (default fuzz-findings)
          --keep DIR     where inputs are saved that took new ways; the next run with it begins with them

        Exit codes: 0 nothing found, 1 a finding, 2 wrong command line.

        """;

    internal static FuzzOptions? Parse(string[] args)
    {
        if (args.Length == 0 || args[0].StartsWith('-'))
        {
            return null;
        }

        var options = new FuzzOptions(args[0], TimeSpan.FromSeconds(20), Environment.TickCount & 0xFFFF, null, "fuzz-findings", null, false);
        for (int index = 1; index + 1 < args.Length; index += 2)
        {
            string value = args[index + 1];
            switch (args[index])
            {
                case "--seconds" when double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds):
                    options = options with { Limit = TimeSpan.FromSeconds(seconds) };
                    break;
                case "--seed" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int seed):
                    options = options with { Seed = seed };
                    break;
                case "--input":
                    options = options with { Input = value };
                    break;
                case "--save":
                    options = options with { Save = value };
                    break;
                case "--keep":
                    options = options with { Keep = value };
                    break;
                case "--worker":
                    options = options with { IsWorker = value == "yes" };
                    break;
                default:
                    return null;
            }
        }

        return args.Length % 2 == 1 ? options : null;
    }

    internal string[] ForWorker(string target) =>
    [
        target,
        "--seconds", Limit.TotalSeconds.ToString(CultureInfo.InvariantCulture),
        "--seed", Seed.ToString(CultureInfo.InvariantCulture),
        "--save", Save,
        "--worker", "yes",
        .. Keep is null ? (string[])[] : ["--keep", Keep],
    ];
}
