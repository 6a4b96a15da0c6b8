using System.Diagnostics;
using Xunit;

namespace LowLatency.Linux.Tests;

/// <summary>Another process can be stopped where it stands, and bound to a CPU.</summary>
public sealed class SuspensionTests
{
    [Fact]
    public void A_stopped_process_goes_on_when_it_is_told_to()
    {
        using Process sleeper = Process.Start("sleep", "100");
        try
        {
            Assert.Equal(Errno.None, Suspension.TryStop(sleeper));
            WaitForState(sleeper, "T");
            Assert.Equal(Errno.None, Suspension.TryContinue(sleeper));
            WaitForState(sleeper, "S");
        }
        finally
        {
            sleeper.Kill();
            sleeper.WaitForExit();
        }

        Assert.Equal(Errno.None, Suspension.TryStop(sleeper));
    }

    [Fact]
    public void A_process_is_bound_with_all_of_its_threads()
    {
        int last = CpuAffinity.Current[^1];
        using Process sleeper = Process.Start("sleep", "100");
        try
        {
            Assert.Equal(Errno.None, CpuAffinity.TrySetAllThreads(sleeper, last));
            Assert.Contains($"Cpus_allowed_list:\t{last}", File.ReadAllLines($"/proc/{sleeper.Id}/status"));
            Assert.Equal(Errno.Invalid, CpuAffinity.TrySetAllThreads(sleeper));
        }
        finally
        {
            sleeper.Kill();
            sleeper.WaitForExit();
        }

        Assert.Equal(Errno.None, CpuAffinity.TrySetAllThreads(sleeper, last));
    }

    // A signal takes effect a moment after it was sent; the test's own limit ends a wait in vain.
    private static void WaitForState(Process process, string state)
        => SpinWait.SpinUntil(() =>
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            string stat = File.ReadAllText($"/proc/{process.Id}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].StartsWith(state, StringComparison.Ordinal);
        });
}
