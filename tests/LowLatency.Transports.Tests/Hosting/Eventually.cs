using Xunit;

namespace LowLatency.Transports.Tests.Hosting;

/// <summary>Waits for what becomes true by itself, with a deadline.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Deadline = Hanging.Patience;

    internal static async Task IsTrue(Func<bool> condition, Func<string>? otherwise = null)
    {
        long start = Environment.TickCount64;
        while (!condition())
        {
            if (Environment.TickCount64 - start > Deadline.TotalMilliseconds)
            {
                Assert.Fail(otherwise?.Invoke() ?? "It did not become true.");
            }

            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }
}
