namespace LowLatency.Fuzz.Driver;

/// <summary>What was promised does not hold.</summary>
internal sealed class FuzzException(string message) : Exception(message)
{
    internal static void ThrowUnless(bool holds, string promise)
    {
        if (!holds)
        {
            throw new FuzzException(promise);
        }
    }
}
