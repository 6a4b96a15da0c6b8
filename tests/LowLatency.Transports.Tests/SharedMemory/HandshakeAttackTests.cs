using System.Net.Sockets;
using LowLatency.Linux;
using LowLatency.Transports.SharedMemory;
using LowLatency.Transports.Tests.Hosting;
using Microsoft.AspNetCore.Connections;
using Xunit;

namespace LowLatency.Transports.Tests.SharedMemory;

/// <summary>Clients that misbehave before they have their rings: refused by name, without a trace, and nobody else notices.</summary>
public sealed class HandshakeAttackTests
{
    private const int Timeout = Hanging.After;

    [Theory(Timeout = Timeout)]
    [InlineData("magic", 4)]
    [InlineData("version", 1)]
    [InlineData("length", 4)]
    [InlineData("1", 4)]
    [InlineData("5000", 4)]
    [InlineData("2048", 4)]
    [InlineData("0x08000000", 4)]
    [InlineData("0x80000000", 4)]
    [InlineData("0xffffffff", 4)]
    public async Task A_hello_that_is_none_is_refused_with_its_status(string hello, int status)
    {
        await using Siege siege = await Siege.StartAsync();
        await using Attacker attacker = await siege.AttackAsync("hello", hello);

        await attacker.SaysAsync($"status {status}");
        await attacker.SaysAsync("ended");

        await siege.RefusesAsync(SharedMemoryRefusal.Protocol);
        await siege.OthersAreServedAsync();
    }

    [Theory(Timeout = Timeout)]
    [InlineData(0)]
    [InlineData(64)]
    public async Task Who_is_silent_when_the_server_stops_is_let_go_and_is_not_late(int bytes)
    {
        await using Siege siege = await Siege.StartAsync(options => options.HandshakeTimeout = TimeSpan.FromMinutes(5));
        int before = UnixSockets.At(siege.Path);
        await using Attacker attacker = await siege.AttackAsync("silent", $"{bytes}");
        await attacker.SaysAsync("silent");
        await Eventually.IsTrue(() => UnixSockets.At(siege.Path) > before, () => "Nobody has come.");

        await siege.StopAsync();

        await attacker.SaysAsync("ended");
        await siege.RefusesAsync(SharedMemoryRefusal.Stopping);
    }

    [Theory(Timeout = Timeout)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    public async Task Who_falls_silent_in_the_handshake_is_let_go_at_its_deadline(int bytes)
    {
        await using Siege siege = await Siege.StartAsync(options => options.HandshakeTimeout = TimeSpan.FromSeconds(4));
        int baseline = Descriptors.Count;
        await using Attacker attacker = await siege.AttackAsync("silent", $"{bytes}");

        await attacker.SaysAsync("silent");
        await attacker.SaysAsync("ended");

        await siege.RefusesAsync(SharedMemoryRefusal.TimedOut);
        await siege.OthersAreServedAsync();
        await Descriptors.AreBackAt(baseline, tolerance: 0);
    }

    [Fact(Timeout = Timeout)]
    public async Task A_hello_byte_by_byte_is_a_hello()
    {
        await using Siege siege = await Siege.StartAsync();
        await using Attacker attacker = await siege.AttackAsync("bytewise");

        await attacker.SaysAsync("served");

        Assert.Empty(siege.Refusals);
        await siege.OthersAreServedAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task Bytes_behind_the_hello_that_are_not_the_next_step_are_refused()
    {
        await using Siege siege = await Siege.StartAsync();
        await using Attacker attacker = await siege.AttackAsync("trailing");

        await attacker.SaysAsync("ended");

        await siege.RefusesAsync(SharedMemoryRefusal.Protocol);
        await siege.OthersAreServedAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task Descriptors_that_come_along_with_anything_are_refused_or_not_kept()
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        bool canRefuse = DescriptorPassing.TryRefuse((int)probe.Handle) == Errno.None;
        await using Siege siege = await Siege.StartAsync();
        int baseline = Descriptors.Count;
        await using Attacker attacker = await siege.AttackAsync("stray");

        await attacker.SaysAsync(canRefuse ? "served without any of them" : "served");

        // The control socket is the one that is its due.
        await Descriptors.AreBackAt(baseline + 1, tolerance: 0);
        await attacker.GoneAsync();
        await siege.AttackedConnectionEndsAsync();
        await Descriptors.AreBackAt(baseline, tolerance: 0);
        await siege.OthersAreServedAsync();
    }

    [Theory(Timeout = Timeout)]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Who_hangs_up_at_any_stage_leaves_nothing_behind(int stage)
    {
        const int Times = 100;
        await using Siege siege = await Siege.StartAsync();
        int descriptors = Descriptors.Count;
        int mappings = Mappings.Count;
        await using Attacker attacker = await siege.AttackAsync("hangup", $"{stage}", $"{Times}");

        await attacker.SaysAsync("done");

        await siege.RefusesAsync(SharedMemoryRefusal.Protocol, Times);
        await siege.OthersAreServedAsync();
        await Descriptors.AreBackAt(descriptors, tolerance: 0);
        await Mappings.AreBackAt(mappings);
    }

    [Theory(Timeout = Timeout)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Who_hangs_up_when_the_rings_are_ready_is_a_connection_that_was_reset_or_was_refused(int stage)
    {
        const int Times = 100;
        await using Siege siege = await Siege.StartAsync();
        int descriptors = Descriptors.Count;
        int mappings = Mappings.Count;
        await using Attacker attacker = await siege.AttackAsync("hangup", $"{stage}", $"{Times}");

        await attacker.SaysAsync("done");

        // Whether the server finds the hang-up before it says "go" or after is chance at the one stage.
        await Eventually.IsTrue(() => siege.OthersAttached + siege.Refusals.Count == Times);
        for (int ended = siege.OthersAttached; ended > 0; ended--)
        {
            Assert.IsType<ConnectionResetException>(await siege.AttackedConnectionEndsAsync());
        }

        await siege.OthersAreServedAsync();
        await Descriptors.AreBackAt(descriptors, tolerance: 0);
        await Mappings.AreBackAt(mappings);
    }

    [Fact(Timeout = Timeout)]
    public async Task Another_user_is_told_that_it_is_not_allowed()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can send another user.");
        await using Siege siege = await Siege.StartAsync();

        // Of the two fences this takes the first one away: the mode of the socket.
        await External.RunAsync("chmod", "0666", siege.Path);
        await using Attacker attacker = await siege.AttackAsync("as", "65534");

        await attacker.SaysAsync("status 3");
        await attacker.SaysAsync("ended");

        await siege.RefusesAsync(SharedMemoryRefusal.NotAllowed);
        await siege.OthersAreServedAsync();
    }
}
