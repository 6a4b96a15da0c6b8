using System.Globalization;

namespace LowLatency.LoadTest.Baselines;

/// <summary>How many files this process may have open.</summary>
internal static class OpenFileLimit
{
    private const string Limits = "/proc/self/limits";
    private const string Line = "Max open files";

    /// <summary>The soft limit, which is the one that counts.</summary>
    public static long Current => Read(File.ReadLines(Limits));

    internal static long Read(IEnumerable<string> limits)
    {
        string? line = limits.FirstOrDefault(line => line.StartsWith(Line, StringComparison.Ordinal));
        string? soft = line?[Line.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        return long.TryParse(soft, NumberStyles.None, CultureInfo.InvariantCulture, out long limit) ? limit : long.MaxValue;
    }
}
