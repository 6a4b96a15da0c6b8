using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Tests.Hosting;
using Microsoft.AspNetCore.Connections;
using Xunit;

namespace LowLatency.Transports.Tests.SharedMemory;

/// <summary>Whatever a client writes to the rings, it ends its own connection at most, and the handler is told why.</summary>
public sealed class RingAttackTests
{
    private const int Timeout = Hanging.After;

    [Theory(Timeout = Timeout)]
    [InlineData("00000001")] // not present
    [InlineData("7fffffff")]
    [InlineData("80000000")] // no bytes, and no end
    [InlineData("c0000000")]
    [InlineData("80004001")] // longer than a quarter of the ring
    [InlineData("80003ff9")]
    [InlineData("9fffffff")]
    [InlineData("ffffffff")]
    [InlineData("a0000001")] // an end with bytes
    [InlineData("e0000000")] // an end that goes on
    [InlineData("20000000")] // an end that is not present
    [InlineData("a0000000", "behind a beginning")] // an end within a message
    public async Task A_commit_word_that_is_none_ends_its_connection_as_invalid_data(string word, params string[] more)
    {
        await using Siege siege = await Siege.StartAsync();
        await using Attacker attacker = await siege.AttackAsync(["word", word, .. more]);

        Assert.IsType<InvalidDataException>(await siege.AttackedConnectionEndsAsync());

        await attacker.SaysAsync("ended");
        await siege.OthersAreServedAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task An_end_is_an_end()
    {
        await using Siege siege = await Siege.StartAsync();
        await using Attacker attacker = await siege.AttackAsync("word", "a0000000");

        Assert.Null(await siege.AttackedConnectionEndsAsync());

        await attacker.SaysAsync("ended");
        await siege.OthersAreServedAsync();
    }

    [Theory(Timeout = Timeout)]
    [InlineData("back", "0x20000")] // the server knows the count of a lap ago, if not a later one
    [InlineData("back", "0x20040")]
    [InlineData("ahead", "0")]
    [InlineData("ahead", "64")]
    [InlineData("at", "0")]
    [InlineData("at", "0xffffffffffffffc0")] // the largest, and a negative one
    [InlineData("at", "0x8000000000000000")]
    [InlineData("back", "1")] // within a line
    public async Task A_claim_to_have_consumed_what_is_not_possible_ends_its_connection_as_invalid_data(string from, string value)
    {
        await using Siege siege = await Siege.StartAsync();
        await using Attacker attacker = await siege.AttackAsync("consumed", from, value);

        Assert.IsType<InvalidDataException>(await siege.AttackedConnectionEndsAsync());

        await attacker.SaysAsync("ended");
        await siege.OthersAreServedAsync();
    }

    [Theory(Timeout = Timeout)]
    [InlineData(WaitStrategy.Adaptive)]
    [InlineData(WaitStrategy.Blocking)]
    public async Task Ten_million_random_writes_while_the_server_reads_end_nothing_but_their_connections(WaitStrategy strategy)
    {
        await using Siege siege = await Siege.StartAsync(polling: options => options.WaitStrategy = strategy);
        int mappings = Mappings.Count;
        await using Attacker attacker = await siege.AttackAsync("storm", "10000000");

        string said = await attacker.SaysAsync();
        TestContext.Current.TestOutputHelper?.WriteLine(said);

        int connections = int.Parse(said.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        int invalid = 0;
        for (int ended = 0; ended < connections; ended++)
        {
            Exception? why = await siege.AttackedConnectionEndsAsync();
            Assert.True(why is null or InvalidDataException or ConnectionResetException, why?.ToString());
            invalid += why is InvalidDataException ? 1 : 0;
        }

        Assert.True(invalid > 0, "No write was found out.");

        await siege.OthersAreServedAsync();
        await Mappings.AreBackAt(mappings);
    }

    [Theory(Timeout = Timeout)]
    [InlineData(WaitStrategy.Adaptive)]
    [InlineData(WaitStrategy.Blocking)]
    public async Task Flags_that_flip_all_the_time_cost_bells_and_no_answers(WaitStrategy strategy)
    {
        await using Siege siege = await Siege.StartAsync(polling: options => options.WaitStrategy = strategy);
        await using Attacker attacker = await siege.AttackAsync("flip", "20000");

        await attacker.SaysAsync("served");

        await siege.OthersAreServedAsync();
    }

    [Theory(Timeout = Timeout)]
    [InlineData(WaitStrategy.Adaptive)]
    [InlineData(WaitStrategy.Blocking)]
    public async Task A_flood_of_bells_gets_its_turn_and_no_more(WaitStrategy strategy)
    {
        await using Siege siege = await Siege.StartAsync(polling: options => options.WaitStrategy = strategy);
        await using Attacker first = await siege.AttackAsync("bells");
        await using Attacker second = await siege.AttackAsync("bells");
        await first.SaysAsync("ringing");
        await second.SaysAsync("ringing");

        await siege.OthersAreServedAsync();
        await siege.OthersAreServedAsync();

        await first.GoneAsync();
        await second.GoneAsync();
        await siege.AttackedConnectionEndsAsync();
        await siege.AttackedConnectionEndsAsync();
    }

    [Fact(Timeout = Timeout)]
    public async Task Bells_that_are_still_to_be_taken_in_at_the_end_are_not_taken_from_others()
    {
        const int Times = 200;
        await using Siege siege = await Siege.StartAsync();
        await using Attacker attacker = await siege.AttackAsync("bells-and-end", $"{Times}");
        await using Attacker newcomers = await siege.AttackAsync("cycles", "1000");

        await attacker.SaysAsync("done");
        await newcomers.SaysAsync("done");

        Assert.Empty(siege.Refusals);
        for (int ended = 0; ended < Times + 1000; ended++)
        {
            Assert.NotNull(await siege.AttackedConnectionEndsAsync());
        }

        await siege.OthersAreServedAsync();
    }
}
