using System.Net;
using LowLatency.Transports;
using LowLatency.Transports.Tls;

namespace LowLatency.LoadTest.Workloads;

/// <summary>What is to be measured: everything that decides about a run, checked and complete.</summary>
internal sealed record Workload
{
    public required EndpointUrl Target { get; init; }

    /// <summary>Whom to trust, where the target speaks TLS; <c>null</c> for the defaults.</summary>
    public ClientTlsOptions? Tls { get; init; }

    /// <summary>Where to connect, and how.</summary>
    public EndPoint Place => Target.EndPoint is TlsEndPoint target && Tls is not null
        ? new TlsEndPoint(target.Address, target.Host) { Options = Tls }
        : Target.EndPoint;

    /// <summary>What the server calls the transport beneath.</summary>
    public string Transport => Target.EndPoint is TlsEndPoint ? "tcp" : Target.Scheme;

    public WorkloadMode Mode { get; init; } = WorkloadMode.PingPong;

    public int Connections { get; init; } = 1;

    public int Threads { get; init; } = 1;

    /// <summary>How long measured requests are begun; <c>null</c> for no limit, then <see cref="Requests"/> is one.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>How many measured requests are begun; <c>null</c> for no limit, then <see cref="Duration"/> is one.</summary>
    public long? Requests { get; init; }

    /// <summary>Open loop: requests a second, all threads together; <c>null</c> in every other mode.</summary>
    public double? Rate { get; init; }

    public Arrivals Arrivals { get; init; } = Arrivals.Constant;

    /// <summary>What random arrivals are drawn from: the same seed is the same schedule.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>How many requests are under way on each connection.</summary>
    public int Pipeline { get; init; } = 1;

    /// <summary>How long requests are made and forgotten before the measured ones.</summary>
    public TimeSpan WarmUp { get; init; }

    /// <summary>How long a connect or a reply may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(1);

    public Framing Framing { get; init; } = Framing.None;

    /// <summary>What is sent, without its framing.</summary>
    public ReadOnlyMemory<byte> Request { get; init; } = "hola"u8.ToArray();

    /// <summary>What must come back, without its framing.</summary>
    public ReadOnlyMemory<byte> Expect { get; init; } = "respuesta"u8.ToArray();

    public IdleStrategy Idle { get; init; } = IdleStrategy.Spin;

    /// <summary>The CPU of each thread; empty for wherever the scheduler puts them.</summary>
    public IReadOnlyList<int> Cpus { get; init; } = [];

    /// <summary>Whether the transport itself keeps messages apart: a send is one. Byte streams need a framing for that.</summary>
    public bool KeepsMessages => Target.Scheme == "shm";

    public string? Label { get; init; }
}
