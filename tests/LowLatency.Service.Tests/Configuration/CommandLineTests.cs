using LowLatency.Service.Tests.Running;
using Xunit;

namespace LowLatency.Service.Tests.Configuration;

/// <summary>The command line of the real program: its exit codes, and which setting wins.</summary>
public sealed class CommandLineTests
{
    private const string Allowed = "allowed: --LowLatency:KEY=VALUE, --Serilog:KEY=VALUE, --check-config, --version, --help";

    [Fact]
    public Task A_configuration_that_is_fine_is_said_to_be() => AssertSays(0, ["The configuration is fine."], ["--check-config"]);

    [Fact]
    public Task A_service_without_any_endpoint_is_a_mistake() => AssertSays(
        2,
        ["LowLatency:Endpoints: there is none; set one, such as LowLatency:Endpoints:Tcp:Url=tcp://127.0.0.1:8080"],
        ["--LowLatency:Endpoints:Tcp:Url=", "--LowLatency:Endpoints:Unix:Url=", "--LowLatency:Sidecar:Url="]);

    [Fact]
    public Task A_wrong_framing_ends_the_start_with_one_line()
        => AssertSays(2, ["LowLatency:Framing: 'Foo' is not allowed; allowed: None, Line, LengthPrefix"], ["--LowLatency:Framing=Foo"]);

    [Fact]
    public Task A_scheme_that_is_not_there_ends_the_start_with_one_line() => AssertSays(
        2,
        ["LowLatency:Endpoints:Udp:Url: 'udp://127.0.0.1:1': 'udp://' is not a scheme of this version; "
            + "allowed: tcp://ADDRESS:PORT (ADDRESS: IPv4, [IPv6], localhost or *) or unix:///absolute/path or shm:///absolute/path, and for clients tls://ADDRESS:PORT"],
        ["--LowLatency:Endpoints:Udp:Url=udp://127.0.0.1:1"]);

    [Fact]
    public Task The_check_says_every_mistake() => AssertSays(
        2,
        ["LowLatency:Limits:MaxConnections: '0' is not allowed; allowed: a whole number from 1 to 2147483647",
            "Serilog:MinimumLevel:Default: 'Loud' is not allowed; allowed: Verbose, Debug, Information, Warning, Error, Fatal"],
        ["--check-config", "--LowLatency:Limits:MaxConnections=0", "--Serilog:MinimumLevel:Default=Loud"]);

    [Theory]
    [InlineData("--port=80")]
    [InlineData("serve")]
    [InlineData("--LowLatencyFraming=Line")]
    public Task An_unknown_option_is_refused(string option) => AssertSays(2, [$"'{option}': no such option; {Allowed}"], [option]);

    [Fact]
    public Task An_option_without_its_value_is_refused()
        => AssertSays(2, ["'--LowLatency:Framing': a value is missing; allowed: --LowLatency:Framing=VALUE"], ["--LowLatency:Framing"]);

    [Fact]
    public Task A_value_may_stand_behind_its_option()
        => AssertSays(0, ["The configuration is fine."], ["--check-config", "--LowLatency:Framing", "Line"]);

    [Fact]
    public Task A_wrong_environment_variable_is_named_by_its_key() => AssertSays(
        2,
        ["LowLatency:Framing: 'Foo' is not allowed; allowed: None, Line, LengthPrefix"],
        ["--check-config"],
        new() { ["LowLatency__Framing"] = "Foo" });

    [Fact]
    public Task The_command_line_wins_over_the_environment() => AssertSays(
        0, ["The configuration is fine."], ["--check-config", "--LowLatency:Framing=Line"], new() { ["LowLatency__Framing"] = "Foo" });

    [Fact]
    public async Task The_environment_wins_over_the_file()
    {
        await using ServiceProcess service = await ServiceProcess.StartAsync(new Dictionary<string, string> { ["LowLatency__Response"] = "from the environment" });
        using ServiceClient client = await service.ConnectAsync();
        Assert.Equal("from the environment", await client.AskAsync("who?", "from the environment".Length));
    }

    [Fact]
    public async Task Help_and_version_print_and_end()
    {
        (int helpCode, string[] help) = await ServiceProgram.RunToItsEndAsync(["--help"]);
        (int versionCode, string[] version) = await ServiceProgram.RunToItsEndAsync(["--version"]);
        Assert.Equal((0, 0), (helpCode, versionCode));
        Assert.Contains(help, line => line.Contains("--check-config", StringComparison.Ordinal));
        Assert.Matches(@"^\d+\.\d+\.\d+", Assert.Single(version));
    }

    private static async Task AssertSays(int exitCode, string[] lines, string[] arguments, Dictionary<string, string>? environment = null)
    {
        (int code, string[] said) = await ServiceProgram.RunToItsEndAsync(arguments, environment);
        Assert.Equal(lines, said);
        Assert.Equal(exitCode, code);
    }
}
