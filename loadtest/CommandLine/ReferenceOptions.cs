using System.CommandLine;
using LowLatency.LoadTest.Baselines;
using LowLatency.LoadTest.Demo;

namespace LowLatency.LoadTest.CommandLine;

/// <summary>The options of <c>reference</c>, read and checked.</summary>
internal sealed class ReferenceOptions
{
    private const long DefaultRounds = 5;
    private const long MostRounds = 1_000;

    private static readonly TimeSpan DefaultDuration = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DefaultWarmUp = TimeSpan.FromMilliseconds(200);

    private readonly Option<long?> _rounds = RunOptions.Count("--rounds", [], "How often to measure everything, in turn (default 5)");
    private readonly Option<TimeSpan?> _duration = RunOptions.Time("--duration", ["-d"], "How long to measure each server at each load and round (default 1s)");
    private readonly Option<TimeSpan?> _warmUp = RunOptions.Time("--warmup", [], "How long to drive it before that, discarded (default 200ms)");

    private readonly Option<string[]> _only = new("--only")
    {
        Description = $"Only this row; repeatable: {string.Join(", ", Rows.All.Select(row => row.Name))}",
        HelpName = "row",
    };

    private readonly Option<string> _service = new("--service") { Description = "The service's assembly or native executable (default: the one built beside the tester)", HelpName = "path" };
    private readonly Option<string> _sources = new("--sources") { Description = "The folder of the C programs (default: the one beside the tester's build)", HelpName = "folder" };
    private readonly Option<int[]> _cpu = ParsedOption.Create<int[]>("--cpu", [], "The tester's CPU (default: the first one, where there are two)", "n", CpuListText.TryParse);
    private readonly Option<int[]> _serverCpu = ParsedOption.Create<int[]>("--server-cpu", [], "The servers' CPUs; the first one is for their busy thread (default: the next one, where there are two)", "list", CpuListText.TryParse);

    private readonly Option<string> _json = JsonDestination.CreateOption();

    public Option<bool> Markdown { get; } = new("--markdown") { Description = "Print the table as Markdown" };

    public Option<bool> Check { get; } = new("--check") { Description = "Exit with 99 when a bar was missed" };

    public Option<bool> Quiet { get; } = new("--quiet") { Description = "No progress while it runs" };

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_rounds, _duration, _warmUp, _only, Check, _service, _sources, _cpu, _serverCpu, _json, Markdown, Quiet])
        {
            command.Options.Add(option);
        }
    }

    public int Rounds(ParseResult parsed)
    {
        long rounds = parsed.GetValue(_rounds) ?? DefaultRounds;
        return rounds <= MostRounds ? (int)rounds : throw new UsageException($"--rounds: {rounds} is not allowed; allowed: 1 to {MostRounds}");
    }

    public TimeSpan Duration(ParseResult parsed)
    {
        TimeSpan duration = parsed.GetValue(_duration) ?? DefaultDuration;
        return duration > TimeSpan.Zero ? duration : throw new UsageException($"--duration: 0 is not allowed; allowed: more than that, {DurationText.Allowed}");
    }

    public TimeSpan WarmUp(ParseResult parsed) => parsed.GetValue(_warmUp) ?? DefaultWarmUp;

    /// <summary>The rows that were asked for, in the order of a round.</summary>
    public IReadOnlyList<Row> RowsOf(ParseResult parsed)
    {
        string[] names = parsed.GetValue(_only) ?? [];
        foreach (string name in names.Where(name => Baselines.Rows.All.All(row => row.Name != name)))
        {
            throw new UsageException($"--only: '{name}' is not allowed; allowed: {string.Join(", ", Baselines.Rows.All.Select(row => row.Name))}");
        }

        return names.Length == 0 ? Baselines.Rows.All : [.. Baselines.Rows.All.Where(row => names.Contains(row.Name))];
    }

    public CpuPlan Cpus(ParseResult parsed)
    {
        int[] client = parsed.GetValue(_cpu) ?? [];
        return client.Length <= 1
            ? CpuPlan.Of(client, parsed.GetValue(_serverCpu) ?? [])
            : throw new UsageException("--cpu: one CPU is allowed, as the tester has one thread");
    }

    public JsonDestination Json(ParseResult parsed) => new(parsed.GetValue(_json));

    /// <summary>The service to measure.</summary>
    /// <exception cref="UsageException">The one that was named is not there.</exception>
    /// <exception cref="IOException">None was named, and none has been built.</exception>
    public string Service(ParseResult parsed)
    {
        if (parsed.GetValue(_service) is string asked)
        {
            return File.Exists(asked)
                ? Path.GetFullPath(asked)
                : throw new UsageException($"--service: '{asked}' is not there; allowed: the path of LowLatency.Service.dll, or of its native executable");
        }

        string built = ServiceLocation.Built;
        return File.Exists(built) ? built : throw new IOException($"the service has not been built ({built}); build it, or name it by --service");
    }

    public string Sources(ParseResult parsed) => parsed.GetValue(_sources) ?? ServiceLocation.ReferenceSources;
}
