using LowLatency.Linux;
using LowLatency.Service.Configuration;
using LowLatency.Transports.Polling;

namespace LowLatency.Service.Hosting;

/// <summary>The thread pool's idle threads fall asleep at once where loops that are bound to none leave them no CPU of their own.</summary>
/// <remarks>
/// By default each of them looks for work for a while first, and hands its CPU to whoever else wants it meanwhile: to its like, as a rule.
/// With a connection for each request, over TCP, unpinned, on two CPUs, three of them at a time kept the loop and the client from
/// a CPU: 2,460 requests a second against 5,600 without, and a p99 of 5.9 ms against 2.8 (medians of six rounds; AMD EPYC, 2026-11-28,
/// <c>loadtest run --mode per-connection -d 2s</c>). With CPUs to spare it is what wakes them soonest, and stays; so it does where the loops
/// are bound to CPUs: with all threads on one, beside 1,000 resets a second, a client's p99 was 128 us without and 91 us with it (five rounds).
/// </remarks>
internal static class PoolTuning
{
    // The runtime's own setting, which the environment has as DOTNET_ThreadPool_UnfairSemaphoreSpinLimit; that wins.
    private const string SpinLimit = "System.Threading.ThreadPool.UnfairSemaphoreSpinLimit";

    /// <summary>Before anything runs on the pool, which looks at this once.</summary>
    internal static void Apply(ServiceOptions options)
    {
        if (options.Polling.Cpus.Count == 0 && PollLoopGroup.AreScarce(CpuTopology.AvailableCpus, options.Polling.Loops) && AppContext.GetData(SpinLimit) is null)
        {
            AppContext.SetData(SpinLimit, 0);
        }
    }
}
