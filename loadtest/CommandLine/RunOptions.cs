using System.CommandLine;
using System.Globalization;
using LowLatency.Linux;
using LowLatency.LoadTest.Workloads;
using LowLatency.Transports;

namespace LowLatency.LoadTest.CommandLine;

/// <summary>The options of a run, and the workload they describe.</summary>
internal sealed class RunOptions
{
    private const int DefaultPipeline = 16;
    private const int MostPipeline = 10_000;

    private const string DefaultTarget = "tcp://127.0.0.1:8080";

    private readonly Argument<string> _target = new("target")
    {
        Description = $"Endpoint URL: tcp://ADDRESS:PORT, tls://ADDRESS:PORT, unix:///path or shm:///path",
        DefaultValueFactory = _ => DefaultTarget,
    };

    private readonly Option<long?> _connections = Count("--connections", ["-c"], "Connections (default 1)");
    private readonly Option<long?> _requests = Count("--requests", ["-n"], "How many requests to measure, such as 5000 or 10M; without -d nothing else ends the run");
    private readonly Option<long?> _threads = Count("--threads", ["-t"], "Threads, which share the connections (default 1, or one per CPU of --cpu)");
    public Option<TimeSpan?> Duration { get; } = Time("--duration", ["-d"], "How long to measure, such as 500ms or 2m (default 10s)");
    private readonly Option<TimeSpan?> _warmUp = Time("--warmup", [], "How long to make requests before it measures; their figures are discarded (default 1s)");
    private readonly Option<TimeSpan?> _timeout = Time("--timeout", [], "How long a connect or a reply may take (default 1s)");
    private readonly Option<byte[]> _request = Payload("--request", "The bytes to send: text, in which \\n and \\xHH may stand, or a file (default hola)");
    private readonly Option<byte[]> _expect = Payload("--expect", "The bytes that must come back, exactly; anything else is a bad reply (default respuesta)");
    private readonly Option<int[]> _cpus = ParsedOption.Create<int[]>("--cpu", [], "CPUs to pin the threads to, such as 0,2", "list", CpuListText.TryParse);

    private readonly Option<Framing?> _framing = ParsedOption.OneOf("--framing", "How messages are told apart: not at all, by a line feed, by 4 bytes of length before them (default none)", new Dictionary<string, Framing>
    {
        ["none"] = Framing.None,
        ["line"] = Framing.Line,
        ["lengthprefix"] = Framing.LengthPrefix,
    });

    private readonly Option<IdleStrategy?> _idle = ParsedOption.OneOf("--idle", "What a thread does while there is nothing for it to do: spin takes a whole CPU, block wakes late by some 50 us (default spin, on a machine with one CPU block)", new Dictionary<string, IdleStrategy>
    {
        ["spin"] = IdleStrategy.Spin,
        ["block"] = IdleStrategy.Block,
    });

    private readonly Option<WorkloadMode?> _mode = ParsedOption.OneOf("--mode", "ping-pong: each connection asks again when it has its reply; per-connection: a new connection for each request; open-loop: on a schedule (--rate), whatever becomes of the replies; pipelined: many requests under way on each connection (default ping-pong)",
        Enum.GetValues<WorkloadMode>().ToDictionary(mode => mode.Name()));

    private readonly Option<double?> _rate = ParsedOption.Create("--rate", ["-R"], "Requests a second on all connections together, such as 50k, for --mode open-loop", "n", RateText.Allowed, (string text, out double? rate) =>
    {
        bool isRate = RateText.TryParse(text, out double value);
        rate = value;
        return isRate;
    });

    private readonly Option<Arrivals?> _arrivals = ParsedOption.OneOf("--arrivals", "How the requests of an open loop follow each other (default constant)", new Dictionary<string, Arrivals>
    {
        ["constant"] = Arrivals.Constant,
        ["poisson"] = Arrivals.Poisson,
    });

    private readonly Option<long?> _pipeline = Count("--pipeline", [], $"Requests under way on each connection, for --mode pipelined (default {DefaultPipeline})");

    public Option<int?> Seed { get; } = ParsedOption.Create("--seed", [], "What everything random is drawn from (default 1)", "n", "a whole number", (string text, out int? seed) =>
    {
        bool isSeed = int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value);
        seed = value;
        return isSeed;
    });

    // Else the verb knows whom it drives, and reads what is for them.
    private bool _hasTarget;

    private readonly Option<string> _label = new("--label") { Description = "A name for the run, kept in its report", HelpName = "text" };

    /// <summary>Whom a target of TLS must be.</summary>
    public TlsTargetOptions Tls { get; } = new();

    /// <summary>What becomes of the figures.</summary>
    public OutputOptions Output { get; } = new();

    /// <param name="command">The verb.</param>
    /// <param name="without">What the verb decides itself, or has options of its own for.</param>
    public void AddTo(Command command, RunParts without = RunParts.None)
    {
        _hasTarget = !without.HasFlag(RunParts.Target);
        if (_hasTarget)
        {
            command.Arguments.Add(_target);
        }

        if (!without.HasFlag(RunParts.Load))
        {
            command.Options.Add(_connections);
            command.Options.Add(_rate);
        }

        foreach (Option option in (Option[])[
            Duration, _requests, _threads, _mode, _arrivals, _pipeline, _request, _expect, _framing,
            _warmUp, _timeout, _cpus, _idle, _label, Seed])
        {
            command.Options.Add(option);
        }

        Tls.AddTo(command);
        if (!without.HasFlag(RunParts.Output))
        {
            Output.AddTo(command);
        }
    }

    /// <summary>The workload that was asked for.</summary>
    /// <param name="parsed">What the user wrote.</param>
    /// <param name="load">The load, where the verb decides about it.</param>
    /// <exception cref="UsageException">Options that do not go together.</exception>
    public Workload Read(ParseResult parsed, Load load = default)
    {
        int[] cpus = parsed.GetValue(_cpus) ?? [];
        long connections = load.Connections ?? parsed.GetValue(_connections) ?? 1;
        long threads = parsed.GetValue(_threads) ?? Math.Max(1, cpus.Length);
        long? requests = parsed.GetValue(_requests);
        TimeSpan? duration = parsed.GetValue(Duration);
        double? rate = load.Rate ?? parsed.GetValue(_rate);
        WorkloadMode mode = parsed.GetValue(_mode) ?? (load.Rate is null ? WorkloadMode.PingPong : WorkloadMode.OpenLoop);
        Arrivals? arrivals = parsed.GetValue(_arrivals);
        long? pipeline = parsed.GetValue(_pipeline);
        var defaults = new Workload { Target = ReadTarget(parsed.GetResult(_target) is null ? DefaultTarget : parsed.GetValue(_target)!) };

        Require(connections <= 1_000_000, $"--connections: {connections} is not allowed; allowed: at most 1M");
        Require(threads <= connections, $"--threads: {threads} is not allowed; allowed: at most one for each of the {connections} connections (-c)");
        Require(cpus.Length == 0 || cpus.Length == threads, $"--cpu: {cpus.Length} given; allowed: one for each of the {threads} threads (-t)");
        Require(duration != TimeSpan.Zero, $"--duration: 0 is not allowed; allowed: more than that, {DurationText.Allowed}");
        Require(parsed.GetValue(_timeout) != TimeSpan.Zero, $"--timeout: 0 is not allowed; allowed: more than that, {DurationText.Allowed}");
        Require(mode != WorkloadMode.OpenLoop || rate is not null, $"--rate: missing, and --mode open-loop needs it; allowed: {RateText.Allowed}");
        Require(mode == WorkloadMode.OpenLoop || rate is null, $"--rate: not allowed with --mode {mode.Name()}, which goes as fast as the target; allowed: with --mode open-loop");
        Require(mode == WorkloadMode.OpenLoop || arrivals is null, $"--arrivals: not allowed with --mode {mode.Name()}; allowed: with --mode open-loop");
        Require(mode == WorkloadMode.Pipelined || pipeline is null, $"--pipeline: not allowed with --mode {mode.Name()}; allowed: with --mode pipelined");
        Require(pipeline is null or <= MostPipeline, $"--pipeline: {pipeline} is not allowed; allowed: at most {MostPipeline}");

        return Checked(defaults with
        {
            Mode = mode,
            Tls = _hasTarget ? Tls.Read(parsed, defaults.Target) : null,
            Rate = rate,
            Arrivals = arrivals ?? defaults.Arrivals,
            Seed = parsed.GetValue(Seed) ?? defaults.Seed,
            Pipeline = mode == WorkloadMode.Pipelined ? (int)(pipeline ?? DefaultPipeline) : defaults.Pipeline,
            Connections = (int)connections,
            Threads = (int)threads,
            Requests = requests,
            Duration = duration ?? (requests is null ? TimeSpan.FromSeconds(10) : null),
            WarmUp = parsed.GetValue(_warmUp) ?? TimeSpan.FromSeconds(1),
            Timeout = parsed.GetValue(_timeout) ?? defaults.Timeout,
            Framing = parsed.GetValue(_framing) ?? defaults.Framing,
            Request = NotEmpty(parsed, _request) ?? defaults.Request,
            Expect = NotEmpty(parsed, _expect) ?? defaults.Expect,
            Idle = parsed.GetValue(_idle) ?? DefaultIdle,
            Cpus = cpus,
            Label = parsed.GetValue(_label),
        });
    }

    private static Workload Checked(Workload workload)
    {
        Require(
            workload.Mode != WorkloadMode.Pipelined || workload.Framing != Framing.None || workload.KeepsMessages,
            $"--framing: none is not allowed with --mode pipelined over {workload.Target.Scheme}, where nothing else tells replies apart; allowed: line, lengthprefix");
        return workload;
    }

    // Whoever spins on the only CPU keeps the service from answering.
    public static IdleStrategy DefaultIdle => CpuTopology.AvailableCpus < 2 ? IdleStrategy.Block : IdleStrategy.Spin;

    private static EndpointUrl ReadTarget(string text)
    {
        Require(!text.StartsWith('-'), $"{text}: there is no such option; --help lists those there are");
        Require(text.Contains("://", StringComparison.Ordinal), $"{text}: neither a verb nor a target; allowed: run, demo, sweep, search, compare, report, reference, or an endpoint URL such as {DefaultTarget}, tls://ADDRESS:PORT, unix:///path or shm:///path");
        Require(OperatingSystem.IsLinux() || !text.StartsWith("shm://", StringComparison.Ordinal), $"target: {text} is shared memory, which needs Linux");
        return EndpointUrl.TryParse(text, out EndpointUrl? url, out string? error) ? url : throw new UsageException($"target: {error}");
    }

    private static byte[]? NotEmpty(ParseResult parsed, Option<byte[]> option)
    {
        // An option that is not there has an empty value, like one that is there and empty.
        byte[]? bytes = parsed.GetResult(option) is null ? null : parsed.GetValue(option);
        Require(bytes is not { Length: 0 }, $"{option.Name}: nothing is not allowed; allowed: {PayloadText.Allowed}");
        return bytes;
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw new UsageException(message);
        }
    }

    internal static Option<long?> Count(string name, string[] aliases, string description)
        => ParsedOption.Create(name, aliases, description, "n", CountText.Allowed, (string text, out long? count) =>
        {
            bool isCount = CountText.TryParse(text, out long value);
            count = value;
            return isCount;
        });

    internal static Option<TimeSpan?> Time(string name, string[] aliases, string description)
        => ParsedOption.Create(name, aliases, description, "time", DurationText.Allowed, (string text, out TimeSpan? time) =>
        {
            bool isTime = DurationText.TryParse(text, out TimeSpan value);
            time = value;
            return isTime;
        });

    private static Option<byte[]> Payload(string name, string description)
        => ParsedOption.Create(name, [], description, "text|@file", (string text, out byte[]? bytes, out string? error) =>
        {
            bool isPayload = PayloadText.TryParse(text, out bytes, out error);
            error = isPayload ? null : $"{error}; allowed: {PayloadText.Allowed}";
            return isPayload;
        });
}
