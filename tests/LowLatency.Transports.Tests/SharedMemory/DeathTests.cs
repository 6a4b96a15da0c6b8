using System.Buffers;
using System.IO.Pipelines;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Tests.Hosting;
using Microsoft.AspNetCore.Connections;
using Xunit;

namespace LowLatency.Transports.Tests.SharedMemory;

/// <summary>Clients that die, stop or starve themselves: their memory comes back, and nobody else notices.</summary>
public sealed class DeathTests
{
    private const int Timeout = Hanging.After;

    [Theory(Timeout = Timeout)]
    [InlineData("between", WaitStrategy.Adaptive)]
    [InlineData("between", WaitStrategy.Blocking)]
    [InlineData("half", WaitStrategy.Adaptive)]
    [InlineData("half", WaitStrategy.Blocking)]
    public async Task A_client_that_is_killed_in_the_middle_of_a_write_is_a_reset(string moment, WaitStrategy strategy)
    {
        await using Siege siege = await Siege.StartAsync(polling: options => options.WaitStrategy = strategy);
        int mappings = Mappings.Count;
        await using Attacker attacker = await siege.AttackAsync("die", moment);

        Assert.IsType<ConnectionResetException>(await siege.AttackedConnectionEndsAsync());

        await siege.OthersAreServedAsync();
        await Mappings.AreBackAt(mappings);
    }

    [Theory(Timeout = Timeout)]
    [InlineData(WaitStrategy.Adaptive)]
    [InlineData(WaitStrategy.Blocking)]
    public async Task What_a_dead_client_has_left_is_read_once_and_not_round_and_round(WaitStrategy strategy)
    {
        await using Siege siege = await Siege.StartAsync(polling: options => options.WaitStrategy = strategy);
        int mappings = Mappings.Count;
        await using Attacker attacker = await siege.AttackAsync("circle");

        Assert.IsType<ConnectionResetException>(await siege.AttackedConnectionEndsAsync());

        await siege.OthersAreServedAsync();
        await Mappings.AreBackAt(mappings);
    }

    [Fact(Timeout = Timeout)]
    public async Task A_client_that_is_killed_asleep_is_a_reset()
    {
        await using Siege siege = await Siege.StartAsync();
        int mappings = Mappings.Count;
        await using Attacker attacker = await siege.AttackAsync("die", "asleep");
        await attacker.SaysAsync("asleep");

        attacker.Kill();

        Assert.IsType<ConnectionResetException>(await siege.AttackedConnectionEndsAsync());
        await siege.OthersAreServedAsync();
        await Mappings.AreBackAt(mappings);
    }

    [Theory(Timeout = Timeout)]
    [InlineData(WaitStrategy.Adaptive)]
    [InlineData(WaitStrategy.Blocking)]
    public async Task A_client_that_is_stopped_in_the_middle_of_a_message_goes_on_where_it_was(WaitStrategy strategy)
    {
        await using Siege siege = await Siege.StartAsync(polling: options => options.WaitStrategy = strategy);
        await using Attacker attacker = await siege.AttackAsync("halves");
        await attacker.SaysAsync("half");

        await attacker.StopAsync();
        await siege.OthersAreServedAsync();
        Assert.Equal(1, siege.OthersOpen);
        await attacker.ContinueAsync();
        await attacker.GoOnAsync();

        await attacker.SaysAsync("whole");
        await siege.OthersAreServedAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task A_client_that_is_killed_while_it_is_stopped_is_a_reset()
    {
        await using Siege siege = await Siege.StartAsync();
        int mappings = Mappings.Count;
        await using Attacker attacker = await siege.AttackAsync("halves");
        await attacker.SaysAsync("half");
        await attacker.StopAsync();

        attacker.Kill();

        Assert.IsType<ConnectionResetException>(await siege.AttackedConnectionEndsAsync());
        await siege.OthersAreServedAsync();
        await Mappings.AreBackAt(mappings);
    }

    [Theory(Timeout = Timeout)]
    [InlineData(WaitStrategy.Adaptive)]
    [InlineData(WaitStrategy.Blocking)]
    public async Task A_client_that_never_consumes_makes_nobody_wait_but_itself(WaitStrategy strategy)
    {
        await using Siege siege = await Siege.StartAsync(polling: options => options.WaitStrategy = strategy);
        int mappings = Mappings.Count;
        await using Attacker first = await siege.AttackAsync("greedy");
        await using Attacker second = await siege.AttackAsync("greedy");
        await first.SaysAsync("full");
        await second.SaysAsync("full");

        await siege.OthersAreServedAsync();
        Assert.Equal(2, siege.OthersOpen);

        await first.GoneAsync();
        await second.GoneAsync();
        Assert.IsType<ConnectionResetException>(await siege.AttackedConnectionEndsAsync());
        Assert.IsType<ConnectionResetException>(await siege.AttackedConnectionEndsAsync());
        await Mappings.AreBackAt(mappings);
    }

    [Fact(Timeout = Timeout)]
    public async Task A_handler_that_gives_up_on_a_client_that_never_consumes_gets_the_memory_back()
    {
        int handled = 0;
        await using Siege siege = await Siege.StartAsync(handler: connection => Interlocked.Increment(ref handled) == 2 ? GiveUpAsync(connection) : Siege.EchoAsync(connection));
        await Eventually.IsTrue(() => Volatile.Read(ref handled) == 1, () => "The honest client is not served.");
        int mappings = Mappings.Count;
        await using Attacker attacker = await siege.AttackAsync("greedy");

        Assert.Null(await siege.AttackedConnectionEndsAsync());

        await Mappings.AreBackAt(mappings);
        await siege.OthersAreServedAsync();
    }

    // Echoes until a reply has to wait for room.
    private static async Task GiveUpAsync(ConnectionContext connection)
    {
        while (true)
        {
            ReadResult read = await connection.Transport.Input.ReadAsync();
            connection.Transport.Output.Write(read.Buffer.ToArray());
            connection.Transport.Input.AdvanceTo(read.Buffer.End);
            ValueTask<FlushResult> flush = connection.Transport.Output.FlushAsync();
            if (!flush.IsCompleted)
            {
                connection.Abort();
                await flush;
                return;
            }

            await flush;
        }
    }
}
