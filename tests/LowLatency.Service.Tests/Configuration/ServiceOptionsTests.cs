using System.Globalization;
using System.Text;
using LowLatency.Linux;
using LowLatency.Service.Configuration;
using LowLatency.Service.Hosting;
using LowLatency.Service.Logging;
using LowLatency.Transports.BusyPoll;
using Microsoft.Extensions.Configuration;
using Serilog.Events;
using Xunit;

namespace LowLatency.Service.Tests.Configuration;

/// <summary>What every key sets, and what is said of a wrong value.</summary>
public sealed class ServiceOptionsTests
{
    private const string TcpForms = "tcp://ADDRESS:PORT (ADDRESS: IPv4, [IPv6], localhost or *) or unix:///absolute/path or shm:///absolute/path, and for clients tls://ADDRESS:PORT";
    private const string DurationForm = "hh:mm:ss[.fff] above zero and up to a day, such as 00:00:10";
    private const string SidecarForm = "http://ADDRESS:PORT (ADDRESS: IPv4, [IPv6] or localhost), or \"\" for none";
    private const string LimitKeys =
        "HandshakeTimeout, IdleTimeout, MaxConnections, MaxConnectionsPerAddress, MaxMessageBytes, MaxPendingReplyBytes, MessageTimeout, ReplyTimeout, ShutdownTimeout, VanishedPeerTimeout";

    // Of the endpoints that the tests name, so that nothing is said of a missing Url.
    private static readonly (string Key, string Value)[] NoEndpoints = [("Endpoints:Tcp:Url", ""), ("Endpoints:Shm:Url", "")];

    private static string FirstCpu { get; } = CpuAffinity.Current[0].ToString(CultureInfo.InvariantCulture);

    [Fact]
    public void Without_any_setting_there_are_defaults_and_no_endpoint()
    {
        ServiceOptions options = Read();
        Assert.Equal("respuesta"u8, options.Response.Span);
        Assert.Empty(options.Endpoints);
        Assert.Equal("127.0.0.1:9464", options.Sidecar!.EndPoint.ToString());
        Assert.True(options.MetricsEnabled);
        Assert.Equal((WaitStrategy.Adaptive, TimeSpan.FromMilliseconds(100), 1), (options.Polling.WaitStrategy, options.Polling.SpinFor, options.Polling.Loops));
        Assert.Empty(options.Polling.Cpus);
        Assert.Equal(new TuningOptions(LockMemory: false, RealtimePriority: 0, WarmUp: true, Required: false), options.Tuning);
        Assert.Equal(new LimitsOptions(10_000, null, TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(5)), options.Limits);
        Assert.Equal(new ResponderOptions(), options.Responder);
    }

    [Fact]
    public void The_file_that_comes_with_the_service_says_the_defaults()
    {
        ServiceOptions options = Read(new ConfigurationBuilder().AddJsonFile(Path.Join(AppContext.BaseDirectory, "appsettings.json")).Build());
        ServiceOptions defaults = Read();
        Assert.Equal(defaults.Response.ToArray(), options.Response.ToArray());
        Assert.Equal(defaults.Sidecar, options.Sidecar);
        Assert.Equal(defaults.Limits, options.Limits);
        Assert.Equal(defaults.Responder, options.Responder);
        Assert.Equal(["shm:///tmp/lowlatency/shm.sock", "tcp://127.0.0.1:8080", "unix:///tmp/lowlatency/unix.sock"], options.Endpoints.Select(endpoint => endpoint.Url.Text).Order());
    }

    [Fact]
    public void Every_key_sets_what_it_names()
    {
        ServiceOptions options = Read(
            ("Response", "ñ\r\n"),
            ("Framing", "line"),
            ("Endpoints:A:Url", "tcp://[::1]:1234"),
            ("Endpoints:A:Transport", "Sockets"),
            ("Endpoints:A:Framing", "LengthPrefix"),
            ("Endpoints:B:Url", "unix:///tmp/b.sock"),
            ("Endpoints:C:Url", ""),
            ("Sidecar:Url", "http://[::1]:1"),
            ("Metrics:Enabled", "false"),
            ("Polling:WaitStrategy", "blocking"),
            ("Polling:SpinFor", "00:00:01"),
            ("Polling:Loops", "2"),
            ("Polling:Cpus", FirstCpu),
            ("Tuning:LockMemory", "true"),
            ("Tuning:RealtimePriority", "1"),
            ("Tuning:WarmUp", "false"),
            ("Tuning:Required", "true"),
            ("Limits:MaxConnections", "1"),
            ("Limits:MaxConnectionsPerAddress", "2"),
            ("Limits:MaxMessageBytes", "3"),
            ("Limits:MaxPendingReplyBytes", "4"),
            ("Limits:MessageTimeout", "00:00:05"),
            ("Limits:IdleTimeout", "00:00:06"),
            ("Limits:ReplyTimeout", ""),
            ("Limits:HandshakeTimeout", "00:00:07"),
            ("Limits:VanishedPeerTimeout", "00:00:08"),
            ("Limits:ShutdownTimeout", "00:00:00.5"));
        Assert.Equal(Encoding.UTF8.GetBytes("ñ\r\n"), options.Response.ToArray());
        Assert.Equal(
            [("A", "tcp", TransportKind.Sockets, Framing.LengthPrefix), ("B", "unix", TransportKind.BusyPoll, Framing.Line)],
            options.Endpoints.Select(endpoint => (endpoint.Name, endpoint.Url.Scheme, endpoint.Transport, endpoint.Framing)));
        Assert.Equal("[::1]:1", options.Sidecar!.EndPoint.ToString());
        Assert.False(options.MetricsEnabled);
        Assert.Equal((WaitStrategy.Blocking, TimeSpan.FromSeconds(1), 2), (options.Polling.WaitStrategy, options.Polling.SpinFor, options.Polling.Loops));
        Assert.Equal(FirstCpu, Assert.Single(options.Polling.Cpus).ToString(CultureInfo.InvariantCulture));
        Assert.Equal(new TuningOptions(LockMemory: true, RealtimePriority: 1, WarmUp: false, Required: true), options.Tuning);
        Assert.Equal(new LimitsOptions(1, 2, TimeSpan.FromSeconds(7), TimeSpan.FromSeconds(8), TimeSpan.FromSeconds(0.5)), options.Limits);
        Assert.Equal(
            new ResponderOptions
            {
                Framing = Framing.Line,
                MaxMessageBytes = 3,
                MaxPendingReplyBytes = 4,
                MessageTimeout = TimeSpan.FromSeconds(5),
                IdleTimeout = TimeSpan.FromSeconds(6),
                ReplyTimeout = null,
            },
            options.Responder);
    }

    [Theory]
    [InlineData("http://127.0.0.1:9464/", "127.0.0.1:9464")]
    [InlineData("HTTP://localhost:0", "127.0.0.1:0")]
    [InlineData("http://[::1]:1", "[::1]:1")]
    public void A_sidecar_URL_names_an_address_and_a_port(string url, string endPoint) => Assert.Equal(endPoint, Read(("Sidecar:Url", url)).Sidecar!.EndPoint.ToString());

    [Fact]
    public void A_response_of_several_lines_is_none_where_lines_are_messages()
    {
        (string, string)[] settings = [("Response", "a\nb"), ("Endpoints:A:Url", "tcp://127.0.0.1:0")];
        Assert.Equal("a\nb"u8, Read(settings).Response.Span);
        Assert.Equal(
            [@"LowLatency:Response: 'a\nb' is not allowed; allowed: a single line, as an endpoint's framing is Line"],
            Problems([.. settings, ("Endpoints:A:Framing", "Line")]));
    }

    [Fact]
    public void An_empty_sidecar_URL_is_no_sidecar() => Assert.Null(Read(("Sidecar:Url", "")).Sidecar);

    [Theory]
    [InlineData("Response", "", "at least one byte")]
    [InlineData("Framing", "Foo", "None, Line, LengthPrefix")]
    [InlineData("Framing", "1", "None, Line, LengthPrefix")]
    [InlineData("Endpoints:Tcp:Framing", "lines", "None, Line, LengthPrefix")]
    [InlineData("Endpoints:Tcp:Transport", "Pigeon", "BusyPoll, Sockets")]
    [InlineData("Sidecar:Url", "127.0.0.1:9464", SidecarForm)]
    [InlineData("Sidecar:Url", "https://127.0.0.1:9464", SidecarForm)]
    [InlineData("Sidecar:Url", "http://127.0.0.1:9464/metrics", SidecarForm)]
    [InlineData("Sidecar:Url", "http://example.org:9464", SidecarForm)]
    [InlineData("Sidecar:Url", "http://user:password@127.0.0.1:9464", SidecarForm)]
    [InlineData("Sidecar:Url", "http://127.0.0.1:9464#fragment", SidecarForm)]
    [InlineData("Sidecar:Url", "http://127.0.0.1:9464?query", SidecarForm)]
    [InlineData("Sidecar:Url", "http://127.0.0.1", SidecarForm)]
    [InlineData("Sidecar:Url", "http://1:9464", SidecarForm)]
    [InlineData("Sidecar:Url", "http://0177.0.0.1:9464", SidecarForm)]
    [InlineData("Sidecar:Url", "http://*:9464", SidecarForm)]
    [InlineData("Metrics:Enabled", "yes", "true, false")]
    [InlineData("Polling:WaitStrategy", "Sleep", "BusySpin, Adaptive, Blocking")]
    [InlineData("Polling:SpinFor", "0", DurationForm)]
    [InlineData("Polling:Loops", "0", "a whole number from 1 to 1024")]
    [InlineData("Polling:Cpus", "one", "whole numbers from 0 to 8191, such as 1,2")]
    [InlineData("Polling:Cpus", "8192", "whole numbers from 0 to 8191, such as 1,2")]
    [InlineData("Tuning:LockMemory", "1", "true, false")]
    [InlineData("Tuning:RealtimePriority", "100", "a whole number from 0 to 99")]
    [InlineData("Tuning:WarmUp", "on", "true, false")]
    [InlineData("Tuning:Required", "on", "true, false")]
    [InlineData("Limits:MaxConnections", "0", "a whole number from 1 to 2147483647")]
    [InlineData("Limits:MaxConnections", "ten", "a whole number from 1 to 2147483647")]
    [InlineData("Limits:MaxConnectionsPerAddress", "-1", "a whole number from 1 to 2147483647")]
    [InlineData("Limits:MaxMessageBytes", "0", "a whole number from 1 to 1073741824")]
    [InlineData("Limits:MaxMessageBytes", "4294967296", "a whole number from 1 to 1073741824")]
    [InlineData("Limits:MaxPendingReplyBytes", "1.5", "a whole number from 1 to 1073741824")]
    [InlineData("Limits:MessageTimeout", "10", DurationForm)]
    [InlineData("Limits:IdleTimeout", "00:00:00", DurationForm)]
    [InlineData("Limits:IdleTimeout", "1", DurationForm)]
    [InlineData("Limits:IdleTimeout", "00:30", DurationForm)]
    [InlineData("Limits:ReplyTimeout", "-00:00:01", DurationForm)]
    [InlineData("Limits:ShutdownTimeout", "1.00:00:01", DurationForm)]
    [InlineData("Limits:HandshakeTimeout", "0", DurationForm)]
    [InlineData("Limits:VanishedPeerTimeout", "2 minutes", DurationForm)]
    [InlineData("Endpoints:Shm:RingBytes", "many", "a whole number from 4096 to 67108864")]
    [InlineData("Endpoints:Shm:RingBytes", "5000", "a power of two from 4096 to 67108864")]
    [InlineData("Endpoints:Shm:AllowUsers", "nobody-at-all", "names in /etc/passwd, or numbers")]
    [InlineData("Endpoints:Shm:AllowGroups", "4294967295", "names in /etc/group, or numbers")]
    public void A_wrong_value_is_refused_with_its_key_and_what_is_allowed(string key, string value, string allowed)
        => Assert.Equal([$"LowLatency:{key}: '{value}' is not allowed; allowed: {allowed}"], Problems([(key, value), .. NoEndpoints]));

    [Theory]
    [InlineData("Endpoints", "tcp://127.0.0.1:80", "endpoints below it by name, such as LowLatency:Endpoints:Tcp:Url")]
    [InlineData("Endpoints:Tcp", "tcp://127.0.0.1:80", "keys below it (AllowGroups, AllowNetworks, AllowUsers, Framing, RingBytes, Tls, Transport, Url)")]
    [InlineData("Endpoints:Tcp:Tls", "true", "keys below it (Certificate, ClientCa, ClientCertificates, Key, Password, Protocols)")]
    [InlineData("Sidecar", "", "keys below it (Url)")]
    [InlineData("Metrics", "false", "keys below it (Enabled)")]
    [InlineData("Polling", "Blocking", "keys below it (Cpus, Loops, SpinFor, WaitStrategy)")]
    [InlineData("Tuning", "", "keys below it (LockMemory, RealtimePriority, Required, WarmUp)")]
    [InlineData("Limits", "5", $"keys below it ({LimitKeys})")]
    public void A_value_where_keys_belong_is_refused(string key, string value, string allowed)
        => Assert.Equal([$"LowLatency:{key}: '{value}' is not allowed; allowed: {allowed}"], Problems([(key, value), .. NoEndpoints]));

    [Theory]
    [InlineData("Response", "x")]
    [InlineData("Endpoints:Tcp:Url", "x")]
    [InlineData("Metrics:Enabled", "x")]
    [InlineData("Polling:SpinFor", "x")]
    [InlineData("Polling:Cpus:0", "x")]
    [InlineData("Limits:MaxConnections", "x")]
    [InlineData("Endpoints:Tcp:AllowNetworks:0", "x")]
    public void A_key_below_a_value_is_refused(string key, string below)
        => Assert.Contains(
            $"LowLatency:{key}:{below}: no such key; allowed: a value for LowLatency:{key} itself", Problems([($"{key}:{below}", "1"), .. NoEndpoints]));

    [Theory]
    [InlineData("AllowNetworks", "10.0.0.0/8")]
    [InlineData("Framing", "Line")]
    [InlineData("Tls:Protocols", "Tls13")]
    public void An_endpoint_that_is_not_said_where_to_listen_is_refused(string key, string value)
        => Assert.Contains(
            "LowLatency:Endpoints:Tpc:Url: it is missing; set it to where Tpc listens, or to \"\" for nowhere", Problems(($"Endpoints:Tpc:{key}", value)));

    [Fact]
    public void An_endpoint_that_is_switched_off_may_keep_its_other_keys()
        => Assert.Empty(Read(("Endpoints:Tcp:Url", ""), ("Endpoints:Tcp:AllowNetworks", "10.0.0.0/8")).Endpoints);

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    public void An_endpoint_that_is_to_be_encrypted_by_nothing_is_refused(string tls)
        => Assert.Equal(
            ["LowLatency:Endpoints:A:Tls:Certificate: it is missing; set it to a PEM file (and Key to another) or a PKCS#12 file, or leave Tls out for clear text"],
            ProblemsOfJson($$"""{ "Endpoints": { "A": { "Url": "tcp://127.0.0.1:80", "Tls": {{tls}} } } }"""));

    [Fact]
    public void Nothing_in_the_place_of_a_section_or_a_list_says_nothing()
        => Assert.Empty(ProblemsOfJson("""{ "Sidecar": {}, "Metrics": null, "Endpoints": { "A": { "Url": "tcp://127.0.0.1:80", "AllowNetworks": [] } }, "Polling": { "Cpus": [] } }"""));

    [Fact]
    public void A_value_of_several_lines_is_refused_in_one()
        => Assert.Equal([@"LowLatency:Framing: 'a\u000Ab' is not allowed; allowed: None, Line, LengthPrefix"], Problems(("Framing", "a\nb")));

    [Theory]
    [InlineData("8080", "'8080' is not an endpoint URL")]
    [InlineData("udp://127.0.0.1:1", "'udp://127.0.0.1:1': 'udp://' is not a scheme of this version")]
    [InlineData("shm://a.sock", "'shm://a.sock': the path is not absolute or names no file")]
    [InlineData("tcp://127.0.0.1", "'tcp://127.0.0.1': a port from 0 to 65535 is missing")]
    [InlineData("unix://a.sock", "'unix://a.sock': the path is not absolute or names no file")]
    public void A_wrong_endpoint_URL_is_refused_with_its_key_and_what_is_allowed(string url, string problem)
        => Assert.Equal([$"LowLatency:Endpoints:Tcp:Url: {problem}; allowed: {TcpForms}"], Problems(("Endpoints:Tcp:Url", url)));

    [Fact]
    public void A_target_of_clients_is_no_place_to_listen_on()
        => Assert.Equal(
            ["LowLatency:Endpoints:Tcp:Url: 'tls://127.0.0.1:1' is a target for clients; allowed here: tcp://ADDRESS:PORT, with Tls:Certificate beside it"],
            Problems(("Endpoints:Tcp:Url", "tls://127.0.0.1:1")));

    [Theory]
    [InlineData("tcp://127.0.0.1:80", "tcp://127.0.0.1:80")]
    [InlineData("tcp://[::1]:80", "tcp://[0:0::1]:80")]
    [InlineData("unix:///tmp/x", "unix:///tmp//x")]
    [InlineData("unix:///tmp/x", "shm:///tmp/./x")]
    [InlineData("unix:///tmp/x:0", "unix:///tmp/x:0")]
    public void Two_endpoints_on_one_address_are_refused(string one, string other)
        => Assert.Equal(
            [$"LowLatency:Endpoints:B:Url: '{other}' is the address of LowLatency:Endpoints:A:Url already"],
            Problems(("Endpoints:A:Url", one), ("Endpoints:B:Url", other)));

    [Fact]
    public void Two_endpoints_on_any_free_port_are_fine()
        => Assert.Empty(Problems(("Endpoints:A:Url", "tcp://127.0.0.1:0"), ("Endpoints:B:Url", "tcp://127.0.0.1:0")));

    [Theory]
    [InlineData("Respnse", "Endpoints, Framing, Limits, Metrics, Polling, Response, Sidecar, Tuning")]
    [InlineData("Endpoints:Tcp:Urls", "AllowGroups, AllowNetworks, AllowUsers, Framing, RingBytes, Tls, Transport, Url")]
    [InlineData("Sidecar:Port", "Url")]
    [InlineData("Metrics:Enable", "Enabled")]
    [InlineData("Limits:MaxConnection", LimitKeys)]
    [InlineData("Polling:Loop", "Cpus, Loops, SpinFor, WaitStrategy")]
    [InlineData("Tuning:Lock", "LockMemory, RealtimePriority, Required, WarmUp")]
    public void A_key_that_does_not_exist_is_refused(string key, string allowed)
        => Assert.Equal([$"LowLatency:{key}: no such key; allowed: {allowed}"], Problems([(key, "1"), .. NoEndpoints]));

    [Fact]
    public void A_list_of_CPUs_may_be_an_array()
        => Assert.Equal(
            FirstCpu, Assert.Single(Read(("Polling:Cpus:0", FirstCpu)).Polling.Cpus).ToString(CultureInfo.InvariantCulture));

    [Fact]
    public void More_CPUs_than_loops_are_refused()
        => Assert.Equal(
            [$"LowLatency:Polling:Cpus: '{FirstCpu},{FirstCpu}' is not allowed; allowed: no more CPUs than loops, which are 1"],
            Problems(("Polling:Cpus", $"{FirstCpu},{FirstCpu}")));

    [Fact]
    public void A_CPU_that_the_process_does_not_have_is_refused()
        => Assert.Equal(
            [$"LowLatency:Polling:Cpus: '8191' is not allowed; allowed: the CPUs of this process: {string.Join(",", CpuAffinity.Current)}"],
            Problems(("Polling:Cpus", "8191")));

    [Fact]
    public void Every_mistake_has_its_line() => Assert.Equal(3, Problems(("Framing", "x"), ("Sidecar:Url", "x"), ("x", "x")).Count);

    [Fact]
    public void Log_levels_are_read_in_both_forms()
    {
        var problems = new ConfigurationProblems();
        LogLevels one = LogLevels.Read(Build(("Serilog:MinimumLevel", "debug")), problems);
        LogLevels many = LogLevels.Read(Build(("Serilog:MinimumLevel:Default", "Error"), ("Serilog:MinimumLevel:Override:A.B", "Verbose")), problems);
        Assert.Empty(problems.Lines);
        Assert.Equal((LogEventLevel.Debug, 0), (one.Default, one.Overrides.Count));
        Assert.Equal((LogEventLevel.Error, LogEventLevel.Verbose), (many.Default, many.Overrides["A.B"]));
    }

    [Theory]
    [InlineData("Serilog:MinimumLevel", "Loud")]
    [InlineData("Serilog:MinimumLevel", "3")]
    [InlineData("Serilog:MinimumLevel:Default", "7")]
    [InlineData("Serilog:MinimumLevel:Override:Microsoft", "Silent")]
    public void A_wrong_log_level_is_refused(string key, string value)
    {
        var problems = new ConfigurationProblems();
        LogLevels.Read(Build((key, value)), problems);
        Assert.Equal([$"{key}: '{value}' is not allowed; allowed: Verbose, Debug, Information, Warning, Error, Fatal"], problems.Lines);
    }

    [Theory]
    [InlineData("Foo", "Foo: no such key; allowed: MinimumLevel")]
    [InlineData("MinimumLevell:Default", "MinimumLevell: no such key; allowed: MinimumLevel")]
    [InlineData("MinimumLevel:Defalt", "MinimumLevel:Defalt: no such key; allowed: Default, Override")]
    [InlineData("MinimumLevel:Default:x", "MinimumLevel:Default:x: no such key; allowed: a value for Serilog:MinimumLevel:Default itself")]
    [InlineData("MinimumLevel:Override", "MinimumLevel:Override: 'Debug' is not allowed; allowed: levels below it by source, such as Serilog:MinimumLevel:Override:Microsoft")]
    public void A_log_key_that_does_not_exist_is_refused(string key, string problem)
    {
        var problems = new ConfigurationProblems();
        LogLevels.Read(Build(($"Serilog:{key}", "Debug")), problems);
        Assert.Equal([$"Serilog:{problem}"], problems.Lines);
    }

    [Fact]
    public void A_level_alone_wins_over_the_default_of_the_file_and_leaves_its_overrides()
    {
        var problems = new ConfigurationProblems();
        LogLevels levels = LogLevels.Read(
            Build(("Serilog:MinimumLevel", "Debug"), ("Serilog:MinimumLevel:Default", "Information"), ("Serilog:MinimumLevel:Override:Microsoft", "Warning")), problems);
        Assert.Empty(problems.Lines);
        Assert.Equal((LogEventLevel.Debug, LogEventLevel.Warning), (levels.Default, levels.Overrides["Microsoft"]));
    }

    [Theory]
    [InlineData("00:00:03")]
    [InlineData("")]
    public void What_is_set_for_replies_holds_for_the_last_ones_of_polled_transports_too(string timeout)
    {
        ServiceOptions options = Read(("Limits:ReplyTimeout", timeout));
        var polling = new BusyPollTransportOptions();
        ServiceHost.Configure(polling, options);
        Assert.Equal(options.Responder.ReplyTimeout, polling.LastReplyTimeout);
    }

    private static ServiceOptions Read(params (string Key, string Value)[] settings) => Read(Section(settings));

    private static ServiceOptions Read(IConfiguration configuration)
    {
        var problems = new ConfigurationProblems();
        ServiceOptions options = ServiceOptionsReader.Read(configuration, problems);
        Assert.Empty(problems.Lines);
        return options;
    }

    private static IReadOnlyList<string> Problems(params (string Key, string Value)[] settings)
    {
        var problems = new ConfigurationProblems();
        ServiceOptionsReader.Read(Section(settings), problems);
        return problems.Lines;
    }

    private static IReadOnlyList<string> ProblemsOfJson(string section)
    {
        var problems = new ConfigurationProblems();
        using var json = new MemoryStream(Encoding.UTF8.GetBytes($$"""{ "LowLatency": {{section}} }"""));
        ServiceOptionsReader.Read(new ConfigurationBuilder().AddJsonStream(json).Build(), problems);
        return problems.Lines;
    }

    private static IConfiguration Section((string Key, string Value)[] settings)
        => Build([.. settings.Select(setting => ($"LowLatency:{setting.Key}", setting.Value))]);

    private static IConfiguration Build(params (string Key, string Value)[] settings)
        => new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, setting => (string?)setting.Value)).Build();
}
