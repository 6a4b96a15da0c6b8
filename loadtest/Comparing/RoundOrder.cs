namespace LowLatency.LoadTest.Comparing;

/// <summary>Who goes first in a round. A machine that slows down all the while must not slow one side more than the other.</summary>
internal static class RoundOrder
{
    /// <summary>For each round, whether A goes first: by turns, or by chance where there is a seed.</summary>
    public static IEnumerable<bool> Of(int rounds, int? seed)
    {
        var random = new Random(seed ?? 0);
        for (int round = 0; round < rounds; round++)
        {
            yield return seed is null ? round % 2 == 0 : random.Next(2) == 0;
        }
    }
}
