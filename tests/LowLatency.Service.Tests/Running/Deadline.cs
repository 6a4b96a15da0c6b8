using System.Diagnostics;
using Xunit;

namespace LowLatency.Service.Tests.Running;

/// <summary>Waits for what must come true, and fails when it does not.</summary>
internal static class Deadline
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Far more than anything takes on a machine that is not stuck.</summary>
    internal static TimeSpan Default { get; } = TimeSpan.FromMinutes(1);

    internal static async Task<T> UntilAsync<T>(string what, Func<Task<T>> get, Func<T, bool> isRight)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            T value = await get();
            if (isRight(value))
            {
                return value;
            }

            Assert.True(clock.Elapsed < Default, $"{what}: still {value} after {Default}.");
            await Task.Delay(Pause, TestContext.Current.CancellationToken);
        }
    }
}
