using System.Globalization;

namespace LowLatency.Linux.Tests;

/// <summary>What <c>/proc/self/smaps</c> says about a range of addresses.</summary>
internal static class MappedPages
{
    /// <summary>How many bytes of it are in memory for this process.</summary>
    internal static long ResidentBytes(MemoryMapping mapping)
        => Areas(mapping).SelectMany(area => area).Where(line => line.StartsWith("Rss:", StringComparison.Ordinal))
            .Sum(line => 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture));

    /// <summary>The flags of each area it consists of.</summary>
    internal static IEnumerable<string[]> Flags(MemoryMapping mapping)
        => Areas(mapping).Select(area => area.Single(line => line.StartsWith("VmFlags:", StringComparison.Ordinal)).Split(' '));

    private static unsafe List<List<string>> Areas(MemoryMapping mapping)
    {
        ulong start = (ulong)mapping.Start;
        ulong end = start + (ulong)mapping.Length;
        var areas = new List<List<string>>();
        bool inside = false;
        foreach (string line in File.ReadLines("/proc/self/smaps"))
        {
            string[] bounds = line.Split(' ')[0].Split('-');
            if (bounds.Length == 2 && ulong.TryParse(bounds[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong from))
            {
                ulong to = ulong.Parse(bounds[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                inside = from >= start && to <= end;
                if (inside)
                {
                    areas.Add([]);
                }
            }
            else if (inside)
            {
                areas[^1].Add(line);
            }
        }

        return areas;
    }
}
