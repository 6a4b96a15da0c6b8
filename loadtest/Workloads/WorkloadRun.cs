using System.Diagnostics;
using System.Runtime.ExceptionServices;
using LowLatency.Linux;
using LowLatency.LoadTest.Connections;
using LowLatency.LoadTest.Hiccups;
using LowLatency.LoadTest.Measurement;

namespace LowLatency.LoadTest.Workloads;

/// <summary>One run of a workload: its threads from the first connect to the merged figures.</summary>
internal sealed class WorkloadRun : IDisposable
{
    private readonly Workload _workload;
    private readonly Worker[] _workers;
    private readonly CountdownEvent _opened;
    private readonly CountdownEvent _ended;
    private readonly ManualResetEventSlim _start = new();
    private readonly IntervalSeries _intervals = new();
    private RunSchedule? _schedule;
    private HiccupSleeper? _sleeper;
    private Exception? _fault;

    public WorkloadRun(Workload workload, ClientSockets? sockets = null)
    {
        _workload = workload;
        _workers = [.. Enumerable.Range(0, workload.Threads).Select(thread => Worker.Create(new WorkerPlan(
            workload,
            sockets ?? ClientSockets.For(workload.Place),
            (int)Share(workload.Connections, workload.Threads, thread),
            workload.Requests is long requests ? Share(requests, workload.Threads, thread) : null,
            thread)))];
        _opened = new CountdownEvent(workload.Threads);
        _ended = new CountdownEvent(workload.Threads);
    }

    /// <summary>How far it has come. Any thread, any time.</summary>
    public RunProgress Progress => RunProgress.Of(_workload, _schedule, _workers, _intervals.SoFar);

    /// <summary>Runs it to its end.</summary>
    /// <param name="watch">Called about twice a second on the calling thread, which measures nothing.</param>
    /// <param name="interrupted">Ends the run early; the figures so far are as good as any.</param>
    /// <exception cref="TargetUnreachableException">Nobody is there.</exception>
    public RunResult Execute(Action<RunProgress> watch, CancellationToken interrupted)
    {
        Thread[] threads = [.. _workers.Select((worker, index) => StartThread(worker, index, interrupted))];
        _opened.Wait(CancellationToken.None);

        ConnectionOpening? failed = _workers.Select(worker => worker.Opening).FirstOrDefault(opening => opening.FirstReason != Errno.None);
        bool isReachable = _workers.Any(worker => worker.Established > 0) || interrupted.IsCancellationRequested;
        _schedule = isReachable ? RunSchedule.StartingNow(_workload) : null;
        _sleeper = _schedule is not null && _workload.Idle == IdleStrategy.Block ? new HiccupSleeper(_schedule.MeasureFrom) : null;
        using (interrupted.Register(() => _schedule?.Interrupt()))
        {
            _start.Set();
            while (!_ended.Wait(RunProgress.Interval, CancellationToken.None))
            {
                CollectIntervals();
                watch(Progress);
            }
        }

        foreach (Thread thread in threads)
        {
            thread.Join();
        }

        if (_fault is not null)
        {
            ExceptionDispatchInfo.Throw(_fault);
        }

        return _schedule is null ? throw new TargetUnreachableException(_workload.Target, failed?.FirstReason ?? Errno.None, failed?.FirstRefusal) : Merge(_schedule);
    }

    private static long Share(long whole, int parts, int part) => (whole / parts) + (part < whole % parts ? 1 : 0);

    private Thread StartThread(Worker worker, int index, CancellationToken interrupted)
    {
        var thread = new Thread(() => RunOnThread(worker, index, interrupted)) { Name = $"load {index}" };
        thread.Start();
        return thread;
    }

    private void RunOnThread(Worker worker, int index, CancellationToken interrupted)
    {
        try
        {
            Pin(index);
            Open(worker, interrupted);
        }
        catch (Exception e)
        {
            _fault = e;
        }

        _opened.Signal();
        _start.Wait(CancellationToken.None);
        try
        {
            if (_schedule is not null && _fault is null)
            {
                worker.Run(_schedule);
            }
        }
        catch (Exception e)
        {
            _fault = e;
        }

        _ended.Signal();
    }

    private void Open(Worker worker, CancellationToken interrupted)
    {
        long patience = RunSchedule.Ticks(_workload.Timeout);
        if (_workload.Mode == WorkloadMode.PerConnection)
        {
            worker.Opening.Probe(patience, interrupted);
        }
        else
        {
            worker.Opening.OpenAll(patience, interrupted);
        }
    }

    private void Pin(int index)
    {
        if (index < _workload.Cpus.Count && CpuAffinity.TrySet(_workload.Cpus[index]) is var error and not Errno.None)
        {
            throw new LinuxException("sched_setaffinity", error);
        }
    }

    private RunResult Merge(RunSchedule schedule)
    {
        var figures = new Tally(_workload.Mode);
        var warmUp = new OutcomeCounts();
        foreach (Worker worker in _workers)
        {
            figures.Add(worker.Measured);
            warmUp.Add(worker.WarmUp.Counts);
        }

        CollectIntervals();

        // When the number of requests has ended the run, it lasted until the last of them; else as long as it was to begin any.
        bool onlyRequestsCount = figures.Counts.Attempted == _workload.Requests || schedule.EndsAt == long.MaxValue;
        long end = onlyRequestsCount ? figures.LastEnded : Math.Max(schedule.EndsAt, figures.LastEnded);
        TimeSpan elapsed = end > schedule.MeasureFrom ? Stopwatch.GetElapsedTime(schedule.MeasureFrom, end) : TimeSpan.Zero;
        var result = new RunResult(_workload, elapsed, _workers.Sum(worker => worker.Established), figures, schedule.WasInterrupted)
        {
            WarmUp = warmUp,
            Hiccups = MergeHiccups(),
            Intervals = _intervals.Until(elapsed),
            RepliesByConnection = [.. _workers.SelectMany(worker => worker.RepliesByConnection)],
            StartedAtTicks = schedule.MeasureFrom,
            StartedAt = DateTimeOffset.Now - Stopwatch.GetElapsedTime(schedule.MeasureFrom),
        };
        return result with { Validity = RunJudge.Judge(result) };
    }

    private HiccupRecord MergeHiccups()
    {
        if (_sleeper is not null)
        {
            return _sleeper.End();
        }

        var coinciding = new LatencyRecorder();
        foreach (Worker worker in _workers)
        {
            coinciding.Add(worker.Hiccups.Coinciding);
        }

        return HiccupLog.Merge(HiccupMethod.Gaps, [.. _workers.Select(worker => worker.Hiccups.Log)], coinciding);
    }

    private void CollectIntervals()
    {
        foreach (Worker worker in _workers)
        {
            _intervals.Collect(worker.Measured.Intervals!);
        }
    }

    public void Dispose()
    {
        foreach (Worker worker in _workers)
        {
            worker.Dispose();
        }

        _sleeper?.Dispose();
        _opened.Dispose();
        _ended.Dispose();
        _start.Dispose();
    }
}
