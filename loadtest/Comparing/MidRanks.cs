namespace LowLatency.LoadTest.Comparing;

/// <summary>Ranks from 1, the smallest; equal values share the mean of theirs.</summary>
internal static class MidRanks
{
    /// <summary>Twice the rank of each value, which is a whole number even where ranks are shared.</summary>
    public static int[] Doubled(IReadOnlyList<double> values)
    {
        int[] order = [.. Enumerable.Range(0, values.Count).OrderBy(index => values[index])];
        int[] doubled = new int[values.Count];
        for (int first = 0; first < order.Length;)
        {
            int end = first + 1;
            while (end < order.Length && values[order[end]] == values[order[first]])
            {
                end++;
            }

            // The mean of the ranks first + 1 to end, twice.
            foreach (int index in order[first..end])
            {
                doubled[index] = first + 1 + end;
            }

            first = end;
        }

        return doubled;
    }
}
