using System.Net;
using System.Text;
using LowLatency.Linux;
using LowLatency.Transports;
using LowLatency.Transports.BusyPoll;

namespace LowLatency.Service.Configuration;

/// <summary>Makes <see cref="ServiceOptions"/> of the section <c>LowLatency</c>.</summary>
internal static class ServiceOptionsReader
{
    internal const string Section = "LowLatency";

    private const int LargestMessage = 1024 * 1024 * 1024;

    internal static ServiceOptions Read(IConfiguration configuration, ConfigurationProblems problems)
    {
        var root = new SectionReader(configuration.GetSection(Section), problems);
        Framing framing = root.Choice("Framing", Framing.None);
        SectionReader limits = root.Section("Limits");
        var options = new ServiceOptions(
            Response(root),
            Endpoints(root.Section("Endpoints"), framing, problems),
            Sidecar(root.Section("Sidecar")),
            Metrics(root.Section("Metrics")),
            Polling(root.Section("Polling")),
            Tuning(root.Section("Tuning")),
            Limits(limits),
            Responder(limits, framing));
        RefuseSeveralLines(root, options);
        limits.RefuseUnknownKeys();
        root.RefuseUnknownKeys();
        return options;
    }

    // Each request would get several replies, and every client be out of step.
    private static void RefuseSeveralLines(SectionReader root, ServiceOptions options)
    {
        if (options.Endpoints.Any(endpoint => endpoint.Framing == Framing.Line) && options.Response.Span[..^1].Contains((byte)'\n'))
        {
            string shown = Encoding.UTF8.GetString(options.Response.Span).ReplaceLineEndings("\\n");
            root.Refuse<object?>("Response", shown, "a single line, as an endpoint's framing is Line", null);
        }
    }

    private static byte[] Response(SectionReader root)
    {
        string text = root.Text("Response", "respuesta");
        return Encoding.UTF8.GetBytes(text.Length > 0 ? text : root.Refuse("Response", text, "at least one byte", "respuesta"));
    }

    private static List<EndpointOptions> Endpoints(SectionReader section, Framing framing, ConfigurationProblems problems)
    {
        var endpoints = new List<EndpointOptions>();
        foreach (IConfigurationSection child in section.Children)
        {
            if (EndpointReader.Read(child.Key, section.Section(child.Key), framing) is EndpointOptions endpoint)
            {
                endpoints.Add(endpoint);
            }
        }

        section.RefuseValue($"endpoints below it by name, such as {Section}:Endpoints:Tcp:Url");
        RefuseDoubles(endpoints, problems);
        return endpoints;
    }

    private static void RefuseDoubles(List<EndpointOptions> endpoints, ConfigurationProblems problems)
    {
        foreach (IGrouping<string, EndpointOptions> same in endpoints
            .Where(endpoint => endpoint.Url.EndPoint is not IPEndPoint { Port: 0 })
            .GroupBy(endpoint => Place(endpoint.Url))
            .Where(group => group.Count() > 1))
        {
            problems.Add(same.Last().Key, $"'{same.Last().Url}' is the address of {same.First().Key} already");
        }
    }

    // Of a path only what means nothing to the kernel goes: behind a link, ".." is not the folder that the text says.
    private static string Place(EndpointUrl url)
    {
        string place = url.EndPoint.ToString()!;
        return url.EndPoint is IPEndPoint
            ? place
            : string.Join('/', place.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(folder => folder != "."));
    }

    private static SidecarUrl? Sidecar(SectionReader section)
    {
        string url = section.Text("Url", "http://127.0.0.1:9464");
        section.RefuseUnknownKeys();
        return url.Length == 0 ? null : SidecarUrl.TryParse(url) ?? section.Refuse<SidecarUrl?>("Url", url, SidecarUrl.Allowed, null);
    }

    private static bool Metrics(SectionReader section)
    {
        bool enabled = section.Flag("Enabled", true);
        section.RefuseUnknownKeys();
        return enabled;
    }

    private static PollingOptions Polling(SectionReader section)
    {
        int loops = section.Number("Loops", 1, least: 1, greatest: 1024);
        var options = new PollingOptions(
            section.Choice("WaitStrategy", WaitStrategy.Adaptive), section.Duration("SpinFor", TimeSpan.FromMilliseconds(100)), loops, Cpus(section, loops));
        section.RefuseUnknownKeys();
        return options;
    }

    private static List<int> Cpus(SectionReader section, int loops)
    {
        List<int> cpus = section.Numbers("Cpus", least: 0, greatest: 8191);
        if (cpus.Count > loops)
        {
            section.Refuse("Cpus", string.Join(",", cpus), FormattableString.Invariant($"no more CPUs than loops, which are {loops}"), cpus);
        }

        if (OperatingSystem.IsLinux() && cpus.Except(CpuAffinity.Current).ToArray() is { Length: > 0 } missing)
        {
            section.Refuse("Cpus", string.Join(",", missing), $"the CPUs of this process: {string.Join(",", CpuAffinity.Current)}", cpus);
        }

        return cpus;
    }

    private static TuningOptions Tuning(SectionReader section)
    {
        var options = new TuningOptions(
            section.Flag("LockMemory", false),
            section.Number("RealtimePriority", 0, least: 0, greatest: RealtimeScheduling.Priorities.Greatest),
            section.Flag("WarmUp", true),
            section.Flag("Required", false));
        section.RefuseUnknownKeys();
        return options;
    }

    private static LimitsOptions Limits(SectionReader section) => new(
        section.Number("MaxConnections", 10_000, least: 1),
        section.OptionalNumber("MaxConnectionsPerAddress", least: 1),
        section.Duration("HandshakeTimeout", TimeSpan.FromSeconds(10)),
        section.OptionalDuration("VanishedPeerTimeout", TimeSpan.FromMinutes(2)),
        section.Duration("ShutdownTimeout", TimeSpan.FromSeconds(5)));

    private static ResponderOptions Responder(SectionReader section, Framing framing) => new()
    {
        Framing = framing,
        MaxMessageBytes = section.Number("MaxMessageBytes", 64 * 1024, least: 1, LargestMessage),
        MaxPendingReplyBytes = section.Number("MaxPendingReplyBytes", 1024 * 1024, least: 1, LargestMessage),
        MessageTimeout = section.OptionalDuration("MessageTimeout", null),
        IdleTimeout = section.OptionalDuration("IdleTimeout", null),
        ReplyTimeout = section.OptionalDuration("ReplyTimeout", TimeSpan.FromSeconds(10)),
    };
}
