using LowLatency.Linux;
using LowLatency.Service.Configuration;
using LowLatency.Transports;

namespace LowLatency.Service.Hosting;

/// <summary><c>LowLatency:Tuning:LockMemory</c>: no page of the process is ever written out or dropped.</summary>
internal static class MemoryTuning
{
    private const string Key = "LowLatency:Tuning:LockMemory";

    /// <exception cref="TuningException">The memory could not be locked, and <c>Tuning:Required</c> is set.</exception>
    internal static void Apply(TuningOptions options, ILogger logger)
    {
        if (!options.LockMemory)
        {
            return;
        }

        Errno error = OperatingSystem.IsLinux() ? MemoryLock.TryLockAll() : Errno.NotPermitted;
        if (error == Errno.None)
        {
            return;
        }

        string problem = $"{Key}: the memory cannot be locked ({error}): it needs CAP_IPC_LOCK, or RLIMIT_MEMLOCK (ulimit -l) above what the process uses";
        if (options.Required)
        {
            throw new TuningException(problem);
        }

        Log.TuningFailed(logger, problem);
    }
}
