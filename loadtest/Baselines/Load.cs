using LowLatency.LoadTest.Workloads;

namespace LowLatency.LoadTest.Baselines;

/// <summary>Over which of its endpoints a server is asked.</summary>
internal enum Wire
{
    Tcp,
    Unix,
    Shm,
}

/// <summary>Who asks.</summary>
internal enum LoadClient
{
    /// <summary>The tester.</summary>
    Tester,

    /// <summary>The C client, with 64 requests at once: latencies are a request's share of a batch.</summary>
    PipeliningC,

    /// <summary>The framework's HTTP client, one GET after another.</summary>
    Http,
}

/// <summary>What a server is asked to do for one figure. Equal loads are the same load: a server bears each once a round.</summary>
/// <param name="Wire">The endpoint.</param>
/// <param name="Mode">Persistent connections, or one for each request.</param>
/// <param name="Connections">How many make requests.</param>
/// <param name="IdleConnections">How many more are open over the same endpoint and silent.</param>
internal sealed record Load(Wire Wire, WorkloadMode Mode = WorkloadMode.PingPong, int Connections = 1, int IdleConnections = 0)
{
    public static readonly Load OneOverTcp = new(Wire.Tcp);
    public static readonly Load OneOverUnix = new(Wire.Unix);
    public static readonly Load ConnectionPerRequest = new(Wire.Tcp, WorkloadMode.PerConnection);

    public static readonly Load OneOverShm = new(Wire.Shm);
    public static readonly Load ManyOverShm = new(Wire.Shm, Connections: 64);
    public static readonly Load PipelinedOverShm = new(Wire.Shm) { Client = LoadClient.PipeliningC };

    public LoadClient Client { get; init; }

    public static Load Http(Wire wire) => new(wire) { Client = LoadClient.Http };

    public static Load ClosedLoop(int connections) => new(Wire.Tcp, Connections: connections);

    public static Load BesideIdle(int connections) => new(Wire.Tcp, IdleConnections: connections);

    public override string ToString()
    {
        string connections = Connections == 1 ? "" : $" x{Connections}";
        string idle = IdleConnections == 0 ? "" : $" beside {IdleConnections} idle";
        string client = Client switch
        {
            LoadClient.PipeliningC => " by the C client, 64 at once",
            LoadClient.Http => " by HttpClient",
            _ => "",
        };
        return $"{Wire.ToString().ToLowerInvariant()} {Mode.Name()}{connections}{idle}{client}";
    }
}
