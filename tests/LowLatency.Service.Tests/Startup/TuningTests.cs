using LowLatency.Service.Tests.Running;
using Xunit;

namespace LowLatency.Service.Tests.Startup;

/// <summary>What the machine does not give is one clear warning, and fatal only where it is required; what it gives is taken.</summary>
public sealed class TuningTests
{
    private const string Realtime = "--LowLatency:Tuning:RealtimePriority=1";
    private const string Locked = "--LowLatency:Tuning:LockMemory=true";
    private const string Required = "--LowLatency:Tuning:Required=true";

    [Fact]
    public Task Without_the_privilege_for_a_priority_the_service_warns_and_goes_on() => AssertWarnsAndServes(Realtime, "CAP_SYS_NICE", "ulimit -r");

    [Fact]
    public Task Without_the_privilege_to_lock_memory_the_service_warns_and_goes_on() => AssertWarnsAndServes(Locked, "CAP_IPC_LOCK", "ulimit -l");

    [Fact]
    public Task A_priority_that_is_required_and_not_given_ends_the_start_in_one_line() => AssertEnds(Realtime, "CAP_SYS_NICE");

    [Fact]
    public Task Locked_memory_that_is_required_and_not_given_ends_the_start_in_one_line() => AssertEnds(Locked, "CAP_IPC_LOCK");

    [Fact]
    public async Task With_the_privilege_the_service_locks_its_memory_and_serves_without_a_warning()
    {
        await using ServiceProcess service = await StartWithAsync(capability: 14, Locked);

        Assert.True(await service.LockedKibibytesAsync() > 0);
    }

    [Fact]
    public async Task With_the_privilege_the_poll_thread_and_no_other_has_the_priority()
    {
        await using ServiceProcess service = await StartWithAsync(capability: 23, Realtime);

        Assert.Equal(["LowLatency 0"], await service.RealtimeThreadsAsync());
    }

    private static async Task<ServiceProcess> StartWithAsync(int capability, string setting)
    {
        string capabilities = (await File.ReadAllLinesAsync("/proc/self/status", TestContext.Current.CancellationToken))
            .First(line => line.StartsWith("CapEff:", StringComparison.Ordinal))["CapEff:".Length..].Trim();
        Assert.SkipUnless((Convert.ToUInt64(capabilities, 16) & (1UL << capability)) != 0, $"This process lacks capability {capability}.");
        ServiceProcess service = await ServiceProcess.StartAsync(setting, Required);
        using ServiceClient client = await service.ConnectAsync();
        Assert.Equal("respuesta", await client.AskAsync("hola"));
        Assert.DoesNotContain(service.Lines, line => line.Contains("WRN", StringComparison.Ordinal));
        return service;
    }

    private static async Task AssertWarnsAndServes(string setting, params string[] named)
    {
        await using ServiceProcess service = await ServiceProcess.StartUnderAsync(Unprivileged(), null, setting);
        using ServiceClient client = await service.ConnectAsync();

        Assert.Equal("respuesta", await client.AskAsync("hola"));
        string warning = Assert.Single(service.Lines, line => line.Contains("WRN", StringComparison.Ordinal));
        Assert.All(named, name => Assert.Contains(name, warning, StringComparison.Ordinal));
    }

    private static async Task AssertEnds(string setting, string named)
    {
        (int exitCode, string[] lines) = await ServiceProgram.RunToItsEndAsync(
            [setting, Required, "--LowLatency:Endpoints:Tcp:Url=tcp://127.0.0.1:0", "--LowLatency:Endpoints:Unix:Url=", "--LowLatency:Sidecar:Url=", "--LowLatency:Tuning:WarmUp=false"],
            wrapper: Unprivileged());

        Assert.Equal(1, exitCode);
        Assert.Contains(named, Assert.Single(lines, line => !line.Contains(" INF ", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    // What an ordinary user has: neither capability, and little memory to lock.
    private static string[] Unprivileged()
    {
        string limits = External.Require("prlimit", "util-linux");
        string[] limited = [limits, "--memlock=65536", "--rtprio=0"];
        return Environment.IsPrivilegedProcess
            ? [.. limited, External.Require("setpriv", "util-linux"), "--bounding-set=-sys_nice,-ipc_lock", "--inh-caps=-sys_nice,-ipc_lock"]
            : limited;
    }
}
