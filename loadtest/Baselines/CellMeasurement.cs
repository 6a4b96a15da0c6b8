using System.Diagnostics;
using LowLatency.LoadTest.Measurement;
using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.Baselines;

/// <summary>Measures one cell: lets its server go on, drives it, waits until it is rid of the connections, and stops it.</summary>
internal sealed class CellMeasurement(CpuPlan cpus, IdleStrategy idle, string cPrograms)
{
    // A machine that stands still for a second shows in the latencies, and is no failure of the server's.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SettleDeadline = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PauseBetweenLooks = TimeSpan.FromMilliseconds(5);

    /// <exception cref="IOException">The server is no longer there.</exception>
    public CellFigures Measure(Cell cell, ServerProcess server, TimeSpan duration, TimeSpan warmUp, Action<RunProgress> watch, CancellationToken interrupted)
    {
        server.Continue();
        try
        {
            int sockets = server.Sockets;
            Workload workload = Workload(cell, server, duration, warmUp);
            CellFigures figures = cell.Load.Client switch
            {
                LoadClient.PipeliningC => PipeliningClient.Run(cPrograms, workload, interrupted),
                LoadClient.Http => HttpLoad.Run(workload, interrupted),
                _ => Drive(workload, cell.Load.IdleConnections, server, watch, interrupted),
            };
            Settle(server, sockets, interrupted);
            return figures;
        }
        finally
        {
            server.Stop();
        }
    }

    private Workload Workload(Cell cell, ServerProcess server, TimeSpan duration, TimeSpan warmUp) => new()
    {
        Target = server.Endpoints.Of(cell.Load.Wire),
        Mode = cell.Load.Mode,
        Connections = cell.Load.Connections,
        Duration = duration,
        WarmUp = warmUp,
        Request = cell.Server.Dialogue.Request,
        Expect = cell.Server.Dialogue.Reply,
        Idle = idle,
        Cpus = cpus.Client,
        Timeout = Patience,
    };

    private static CellFigures Drive(Workload workload, int idleConnections, ServerProcess server, Action<RunProgress> watch, CancellationToken interrupted)
    {
        using var silent = IdleConnections.Open(workload, idleConnections, interrupted);
        using var run = new WorkloadRun(workload);
        var clock = ServerCpuClock.Start(server, run);
        RunResult result;
        try
        {
            result = run.Execute(watch, interrupted);
        }
        finally
        {
            clock.Stop();
        }

        long answered = result.Outcomes[Outcome.Ok];
        return new CellFigures(
            result.Latencies.At(Percentile.P50),
            result.Latencies.At(Percentile.P99),
            result.RequestsPerSecond,
            answered > 0 ? clock.Elapsed.TotalNanoseconds / answered : null,
            result.Outcomes.Failed)
        {
            RepliesByConnection = (result.RepliesByConnection.Min(), result.RepliesByConnection.Max()),
        };
    }

    // A server that still closes connections when it goes on the next time would be measured at that.
    private static void Settle(ServerProcess server, int sockets, CancellationToken interrupted)
    {
        long started = Stopwatch.GetTimestamp();
        while (server.Sockets > sockets && Stopwatch.GetElapsedTime(started) < SettleDeadline && !interrupted.IsCancellationRequested)
        {
            Thread.Sleep(PauseBetweenLooks);
        }
    }
}
