using LowLatency.Linux;
using LowLatency.Service.Configuration;
using LowLatency.Transports.Polling;

namespace LowLatency.Service.Hosting;

/// <summary>The thread pool's idle threads fall asleep at once where the loops leave them no CPU of their own.</summary>
/// <remarks>
/// <para>
/// By default each of them looks for work for a while first, and hands its CPU to whoever else wants it meanwhile: to its like, as a rule.
/// With a connection for each request, over TCP, unpinned, on two CPUs, three of them at a time kept the loop and the client from
/// a CPU: 2,460 requests a second against 5,600 without, and a p99 of 5.9 ms against 2.8 (medians of six rounds; AMD EPYC, 2026-11-28,
/// <c>loadtest run --mode per-connection -d 2s</c>).
/// </para>
/// <para>
/// Where a loop keeps their CPU busy they never come to sleep, as each look then takes a turn of the scheduler: with all threads on one
/// CPU they took it from the loop 2,000 times a second. A client's p99 was 16 us with that and 14 without, beside 1,000 resets a second
/// 119 and 81 (medians of fourteen rounds; the same machine, 2026-11-29, the layout of <c>tests/storm.sh</c>). With CPUs to
/// spare it is what wakes them soonest, and stays.
/// </para>
/// </remarks>
internal static class PoolTuning
{
    // The runtime's own setting, which the environment has as DOTNET_ThreadPool_UnfairSemaphoreSpinLimit; that wins.
    private const string SpinLimit = "System.Threading.ThreadPool.UnfairSemaphoreSpinLimit";

    /// <summary>Before anything runs on the pool, which looks at this once.</summary>
    internal static void Apply(ServiceOptions options)
    {
        if (PollLoopGroup.AreScarce(CpuTopology.AvailableCpus, options.Polling.Loops) && AppContext.GetData(SpinLimit) is null)
        {
            AppContext.SetData(SpinLimit, 0);
        }
    }
}
