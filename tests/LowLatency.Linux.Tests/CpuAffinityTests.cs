using Xunit;

namespace LowLatency.Linux.Tests;

/// <summary>A thread can be bound to CPUs, and tells what it is bound to.</summary>
public sealed class CpuAffinityTests
{
    [Fact]
    public void Every_allowed_CPU_can_be_chosen_and_all_can_be_restored() => OnThreadOfItsOwn(() =>
    {
        int[] all = [.. CpuAffinity.Current];
        Assert.NotEmpty(all);
        foreach (int cpu in all)
        {
            Assert.Equal(Errno.None, CpuAffinity.TrySet(cpu));
            Assert.Equal([cpu], CpuAffinity.Current);
        }

        Assert.Equal(Errno.None, CpuAffinity.TrySet(all));
        Assert.Equal(all, CpuAffinity.Current);
    });

    [Theory]
    [InlineData(-1)]
    [InlineData(8191)]
    [InlineData(8192)]
    public void A_CPU_that_does_not_exist_is_refused_and_changes_nothing(int cpu) => OnThreadOfItsOwn(() =>
    {
        int[] before = [.. CpuAffinity.Current];
        Assert.Equal(Errno.Invalid, CpuAffinity.TrySet(cpu));
        Assert.Equal(before, CpuAffinity.Current);
    });

    [Fact]
    public void No_CPU_at_all_is_refused() => OnThreadOfItsOwn(() => Assert.Equal(Errno.Invalid, CpuAffinity.TrySet()));

    [Fact]
    public void A_bound_thread_has_one_CPU_and_the_process_what_it_had() => OnThreadOfItsOwn(() =>
    {
        double available = CpuTopology.AvailableCpus;
        int[] given = [.. CpuAffinity.OfProcess];
        CpuAffinity.TrySet(CpuAffinity.Current[0]);
        Assert.Single(CpuAffinity.Current);
        Assert.Equal(given, CpuAffinity.OfProcess);
        Assert.Equal(available, CpuTopology.AvailableCpus);
    });

    // The mask ends with the thread: no other test runs under it.
    private static void OnThreadOfItsOwn(Action test)
    {
        Exception? failure = null;
        var thread = new Thread(() => failure = Record.Exception(test));
        thread.Start();
        thread.Join();
        Assert.Null(failure);
    }
}
