using System.Diagnostics;
using LowLatency.Linux;
using LowLatency.Transports.BusyPoll;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LowLatency.Transports.Polling;

/// <summary>The poll loops of the process, started when the first endpoint needs one.</summary>
internal sealed class PollLoopGroup(IOptions<BusyPollTransportOptions> options, ILoggerFactory loggerFactory) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly ILogger _logger = loggerFactory.CreateLogger("LowLatency.Transports.BusyPoll");
    private PollLoop[]? _loops;
    private int _next = -1;

    /// <summary>The loop that the next connection goes to.</summary>
    /// <exception cref="ObjectDisposedException">They have ended.</exception>
    internal PollLoop Next()
    {
        PollLoop? next = TryNext();
        ObjectDisposedException.ThrowIf(next is null, this);
        return next;
    }

    /// <summary>The loop that is to look after something, which is disposed of where there is none.</summary>
    /// <exception cref="ObjectDisposedException">They have ended.</exception>
    internal PollLoop NextFor(IDisposable source)
    {
        try
        {
            return Next();
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>The loop that the next connection goes to, for who is on a loop already: its own when the others have ended.</summary>
    /// <remarks>A loop that the application has blocked comes back behind the end, and finds there who has connected meanwhile.</remarks>
    internal PollLoop NextOr(PollLoop own) => TryNext() ?? own;

    /// <summary>Ends when every loop that runs has come round once more.</summary>
    internal Task TurnAsync() => Task.WhenAll((_loops ?? []).Select(static loop =>
    {
        var turned = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(static turned => ((TaskCompletionSource)turned!).SetResult(), turned);
        return turned.Task;
    }));

    private PollLoop? TryNext()
    {
        PollLoop[] loops = Loops();
        return loops.Length switch
        {
            0 => null,
            1 => loops[0],
            _ => loops[(int)((uint)Interlocked.Increment(ref _next) % (uint)loops.Length)],
        };
    }

    /// <exception cref="TuningException">A thread did not get what it must have.</exception>
    private PollLoop[] Loops()
    {
        if (_loops is PollLoop[] running)
        {
            return running;
        }

        lock (_lock)
        {
            return _loops ??= Start(options.Value);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            PollLoop[] loops = _loops ?? [];
            _loops = [];
            long begun = Stopwatch.GetTimestamp();
            Array.ForEach(loops, static loop => loop.BeginEnd());
            Array.ForEach(loops, loop => loop.EndWithin(PollLoop.EndsWithin - Stopwatch.GetElapsedTime(begun)));
        }
    }

    /// <summary>Whether loops share their CPUs with the application's other threads: they do unless two more are left to those.</summary>
    internal static bool AreScarce(double cpus, int loops) => cpus - loops < 2;

    private PollLoop[] Start(BusyPollTransportOptions settings)
    {
        double cpus = CpuTopology.AvailableCpus;
        (WaitStrategy strategy, string reason) = Affordable(settings, cpus);
        Log.LoopsStarted(_logger, settings.Loops, strategy, reason);

        bool cpusAreScarce = AreScarce(cpus, settings.Loops);
        var loops = new List<PollLoop>(settings.Loops);
        var tuning = new ThreadTuning[settings.Loops];
        try
        {
            for (int index = 0; index < tuning.Length; index++)
            {
                tuning[index] = new ThreadTuning(settings, index, _logger);
                loops.Add(new PollLoop(tuning[index].ThreadName, strategy, settings, cpusAreScarce, tuning[index].Apply, _logger));
            }

            string? missed = tuning.Select(each => each.WaitForProblem()).FirstOrDefault(problem => problem is not null);
            return missed is null || !settings.RequireTuning ? [.. loops] : throw new TuningException(missed);
        }
        catch
        {
            // All of them, or none that goes on: there may have been descriptors or threads for some only.
            loops.ForEach(static loop => loop.Dispose());
            throw;
        }
    }

    private static (WaitStrategy Strategy, string Reason) Affordable(BusyPollTransportOptions settings, double cpus)
    {
        if (settings.WaitStrategy == WaitStrategy.Blocking)
        {
            return (WaitStrategy.Blocking, "as configured");
        }

        return cpus < settings.Loops + 1
            ? (WaitStrategy.Blocking, FormattableString.Invariant($"spinning needs {settings.Loops + 1} CPUs, and the process has {cpus:0.##}"))
            : (settings.WaitStrategy, "as configured");
    }
}
