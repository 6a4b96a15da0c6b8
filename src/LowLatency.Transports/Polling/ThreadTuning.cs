using LowLatency.Linux;
using LowLatency.Transports.BusyPoll;
using Microsoft.Extensions.Logging;

namespace LowLatency.Transports.Polling;

/// <summary>Gives one poll thread its CPU and its priority, and says what it did not get and what is missing for it.</summary>
internal sealed class ThreadTuning(BusyPollTransportOptions settings, int index, ILogger logger)
{
    private const string ThrottlingFile = "/proc/sys/kernel/sched_rt_runtime_us";

    private readonly TaskCompletionSource<string?> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal string ThreadName { get; } = $"LowLatency {index}";

    /// <summary>On the poll thread, before its first round.</summary>
    internal void Apply()
    {
        string? problem = BindToCpu() ?? MakeRealtime();

        // Where it is required, it ends the start and is said there: once is enough.
        if (problem is not null && !settings.RequireTuning)
        {
            Log.TuningFailed(logger, ThreadName, problem);
        }

        _outcome.SetResult(problem);
    }

    internal string? WaitForProblem() => _outcome.Task.GetAwaiter().GetResult();

    private string? BindToCpu()
    {
        if (index >= settings.Cpus.Count)
        {
            // Not the mask of whoever happened to start the loop, as a client may that has bound its own thread.
            _ = CpuAffinity.TrySet([.. CpuAffinity.OfProcess]);
            return null;
        }

        int cpu = settings.Cpus[index];
        return CpuAffinity.TrySet(cpu) switch
        {
            Errno.None => null,
            Errno.Invalid => $"CPU {cpu} does not exist or is not allowed to this process (allowed: {string.Join(",", CpuAffinity.Current)})",
            var error => $"cannot be bound to CPU {cpu} ({error})",
        };
    }

    private string? MakeRealtime()
    {
        if (settings.RealtimePriority == 0)
        {
            return null;
        }

        Errno error = RealtimeScheduling.TrySetFifo(settings.RealtimePriority);
        if (error != Errno.None)
        {
            return $"cannot have real-time priority {settings.RealtimePriority} ({error}): it needs CAP_SYS_NICE, or RLIMIT_RTPRIO (ulimit -r) of that height";
        }

        if (File.Exists(ThrottlingFile) && File.ReadAllText(ThrottlingFile).Trim() != "-1")
        {
            Log.TuningNote(logger, ThreadName, "real-time throttling takes its share (5 % by default) from a thread that spins; see /proc/sys/kernel/sched_rt_runtime_us");
        }

        return null;
    }
}
