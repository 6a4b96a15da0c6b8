using LowLatency.LoadTest.Baselines.Servers;

namespace LowLatency.LoadTest.Baselines;

/// <summary>Everything that <c>loadtest reference</c> compares. A new row is a new entry; its servers start because it names them.</summary>
internal static class Rows
{
    /// <summary>Connections that a service holds without making the active one slower.</summary>
    public const int IdleConnections = 9_000;

    private static readonly Server Service = new ServiceServer(HasMetrics: true);
    private static readonly Server ServiceWithoutMetrics = new ServiceServer(HasMetrics: false);
    private static readonly Server Spin = new CServer("spin", Wire.Tcp);
    private static readonly Server SpinOverUnix = new CServer("spin", Wire.Unix);
    private static readonly Server ServiceOverShmOnly = new ServiceServer(HasMetrics: true, Only: Wire.Shm);
    private static readonly Server SpinOverShm = new CServer("spin", Wire.Shm);
    private static readonly Server Epoll = new CServer("epoll", Wire.Tcp);
    private static readonly Server Kestrel = new KestrelServer("default", "raw");
    private static readonly Server HttpOnSockets = new KestrelServer("default", "http");
    private static readonly Server HttpInline = new KestrelServer("busypoll-inline", "http");
    private static readonly Server HttpOverShm = new KestrelServer("shm-inline", "http");
    private static readonly Server HttpDispatched = new KestrelServer("busypoll", "http");

    // Ten slices of a tenth of a round.
    private const int SlicesOverShm = 10;

    /// <summary>In the order of a round: rows with the same load stand together, so that what is compared is measured close by.</summary>
    public static IReadOnlyList<Row> All { get; } =
    [
        new("tcp-p50", "TCP, 1 connection, p50", Figure.P50, new Cell(Service, Load.OneOverTcp),
            new(new Cell(Spin, Load.OneOverTcp), Bar.AtMost(1.05)),
            new(new Cell(Kestrel, Load.OneOverTcp))),
        new("tcp-p99", "TCP, 1 connection, p99", Figure.P99, new Cell(Service, Load.OneOverTcp),
            new(new Cell(Spin, Load.OneOverTcp), Bar.AtMost(1.2)),
            new(new Cell(Kestrel, Load.OneOverTcp))),
        new("metrics", "Metrics on against off, p50", Figure.P50, new Cell(Service, Load.OneOverTcp),
            new Yardstick(new Cell(ServiceWithoutMetrics, Load.OneOverTcp), Bar.AtMost(1.05))),
        new("idle-9000", "Beside 9,000 idle, p50", Figure.P50, new Cell(Service, Load.BesideIdle(IdleConnections)),
            new Yardstick(new Cell(Service, Load.OneOverTcp), Bar.AtMost(1.15))),
        new("unix-p50", "Unix, 1 connection, p50", Figure.P50, new Cell(Service, Load.OneOverUnix),
            new(new Cell(SpinOverUnix, Load.OneOverUnix), Bar.AtMost(1.05)),
            new(new Cell(Kestrel, Load.OneOverUnix))),
        new("unix-p99", "Unix, 1 connection, p99", Figure.P99, new Cell(Service, Load.OneOverUnix),
            new(new Cell(SpinOverUnix, Load.OneOverUnix)),
            new(new Cell(Kestrel, Load.OneOverUnix))),
        new("per-connection-p50", "Connection per request, p50", Figure.P50, new Cell(Service, Load.ConnectionPerRequest),
            new(new Cell(Spin, Load.ConnectionPerRequest)),
            new(new Cell(Kestrel, Load.ConnectionPerRequest), Bar.AtMost(1.0))),
        new("per-connection-p99", "Connection per request, p99", Figure.P99, new Cell(Service, Load.ConnectionPerRequest),
            new(new Cell(Spin, Load.ConnectionPerRequest)),
            new(new Cell(Kestrel, Load.ConnectionPerRequest), Bar.AtMost(0.6))),
        ClosedLoop(10),
        ClosedLoop(100),
        new("cpu-100", "Closed loop, 100 connections, CPU", Figure.CpuPerRequest, new Cell(Service, Load.ClosedLoop(100)),
            new(new Cell(Epoll, Load.ClosedLoop(100)), Bar.AtMost(1.2)),
            new(new Cell(Kestrel, Load.ClosedLoop(100)))),
        ClosedLoop(1_000),
        new("http-inline", "HTTP/1.1, inline, p50", Figure.P50, new Cell(HttpInline, Load.OneOverTcp),
            new Yardstick(new Cell(HttpOnSockets, Load.OneOverTcp), Bar.AtMost(0.5))),
        new("http-dispatched", "HTTP/1.1, dispatched, p50", Figure.P50, new Cell(HttpDispatched, Load.OneOverTcp),
            new Yardstick(new Cell(HttpOnSockets, Load.OneOverTcp), Bar.AtMost(1.0))),
        OverShm("shm-p50", "Shared memory, 1 connection, p50", Figure.P50, new Cell(Service, Load.OneOverShm),
            new Yardstick(new Cell(SpinOverShm, Load.OneOverShm), Bar.AtMost(1.7))),
        OverShm("shm-p99", "Shared memory, 1 connection, p99", Figure.P99, new Cell(Service, Load.OneOverShm),
            new Yardstick(new Cell(SpinOverShm, Load.OneOverShm), Bar.AtMost(2.0))),
        OverShm("shm-idle-endpoints", "Beside idle TCP and Unix endpoints, p50", Figure.P50, new Cell(Service, Load.OneOverShm),
            new Yardstick(new Cell(ServiceOverShmOnly, Load.OneOverShm), Bar.AtMost(1.1))),
        OverShm("shm-metrics", "Shared memory, metrics on against off, p50", Figure.P50, new Cell(Service, Load.OneOverShm),
            new Yardstick(new Cell(ServiceWithoutMetrics, Load.OneOverShm), Bar.AtMost(1.1))),
        OverShm("shm-pipelined-64", "Shared memory, 64 at once, a request", Figure.P50, new Cell(Service, Load.PipelinedOverShm),
            new Yardstick(new Cell(SpinOverShm, Load.PipelinedOverShm), Bar.AtMost(2.0))),
        OverShm("shm-http", "HttpClient over shared memory, p50", Figure.P50, new Cell(HttpOverShm, Load.Http(Wire.Shm)),
            new Yardstick(new Cell(HttpOnSockets, Load.Http(Wire.Tcp)), Bar.AtMost(0.6))),
        OverShm("shm-fairness", "Shared memory, 64 connections, slowest", Figure.FewestReplies, new Cell(Service, Load.ManyOverShm),
            new Yardstick(new Cell(Service, Load.ManyOverShm), Bar.AtLeast(0.8), Figure.MostReplies)),
    ];

    private static Row OverShm(string name, string title, Figure figure, Cell subject, Yardstick yardstick)
        => new(name, title, figure, subject, yardstick) { Slices = SlicesOverShm };

    private static Row ClosedLoop(int connections)
        => new(FormattableString.Invariant($"closed-{connections}"), FormattableString.Invariant($"Closed loop, {connections:N0} connections"), Figure.RequestsPerSecond,
            new Cell(Service, Load.ClosedLoop(connections)),
            new(new Cell(Epoll, Load.ClosedLoop(connections)), Bar.AtLeast(0.95)),
            new(new Cell(Kestrel, Load.ClosedLoop(connections)), Bar.AtLeast(1.6)));
}
