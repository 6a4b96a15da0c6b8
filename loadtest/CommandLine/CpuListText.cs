using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using LowLatency.Linux;

namespace LowLatency.LoadTest.CommandLine;

/// <summary>CPUs as users write them: <c>0,2</c>.</summary>
internal static class CpuListText
{
    public static bool TryParse(string text, [NotNullWhen(true)] out int[]? cpus, [NotNullWhen(false)] out string? error)
    {
        cpus = null;
        if (!OperatingSystem.IsLinux())
        {
            error = "threads can be pinned on Linux only";
            return false;
        }

        IReadOnlyList<int> usable = CpuAffinity.Current;
        var parsed = new List<int>();
        foreach (string part in text.Split(','))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int cpu) || !usable.Contains(cpu))
            {
                error = $"'{text}' is not allowed; allowed: a list such as 0,2 of the CPUs {string.Join(',', usable)}";
                return false;
            }

            parsed.Add(cpu);
        }

        cpus = [.. parsed];
        error = null;
        return true;
    }
}
