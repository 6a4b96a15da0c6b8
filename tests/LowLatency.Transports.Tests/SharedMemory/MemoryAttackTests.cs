using LowLatency.Transports.SharedMemory;
using LowLatency.Transports.Tests.Hosting;
using Xunit;

namespace LowLatency.Transports.Tests.SharedMemory;

/// <summary>A client cannot take the memory away from under the server, which would be the end of the process.</summary>
public sealed class MemoryAttackTests
{
    private const int Timeout = Hanging.After;

    [Fact(Timeout = Timeout)]
    public async Task The_kernel_refuses_every_change_to_the_memory_but_writes_to_what_is_mapped()
    {
        await using Siege siege = await Siege.StartAsync();
        await using Attacker attacker = await siege.AttackAsync("tamper");

        foreach (string change in new[] { "shrink", "grow", "punch", "punch-by-mapping", "write", "map", "map-reopened", "make-writable", "seal" })
        {
            await attacker.SaysAsync($"{change} refused");
        }

        await attacker.SaysAsync("served");
        await siege.OthersAreServedAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task Who_keeps_the_server_from_sealing_is_refused()
    {
        await using Siege siege = await Siege.StartAsync();
        await using Attacker attacker = await siege.AttackAsync("seal-first");

        await attacker.SaysAsync("ended");

        await siege.RefusesAsync(SharedMemoryRefusal.Protocol);
        await siege.OthersAreServedAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task Holes_from_before_the_last_seals_are_filled()
    {
        await using Siege siege = await Siege.StartAsync();
        await using Attacker attacker = await siege.AttackAsync("punch-first");

        await attacker.SaysAsync("served");

        await siege.OthersAreServedAsync();
    }
}
