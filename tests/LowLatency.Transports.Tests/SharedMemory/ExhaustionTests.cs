using LowLatency.Transports.SharedMemory;
using LowLatency.Transports.Tests.Hosting;
using Xunit;

namespace LowLatency.Transports.Tests.SharedMemory;

/// <summary>Memory that is not there is refused when a client attaches, in words, and comes back when another leaves.</summary>
public sealed class ExhaustionTests
{
    private const int Timeout = Hanging.After;
    private const int HeaderBytes = 4096;
    private const int Small = 4096;

    // A pool thread gives them back instead of the loop.
    private const int Large = 1024 * 1024;

    [Theory(Timeout = Timeout)]
    [InlineData(Small)]
    [InlineData(Large)]
    public async Task A_client_beyond_the_budget_is_refused_and_one_that_leaves_makes_room(int ringBytes)
    {
        await using Siege siege = await Siege.StartAsync(options => (options.RingBytes, options.MemoryBudgetBytes) = (ringBytes, 2 * BytesOfConnection(ringBytes)));
        Peer second = await siege.Server.ConnectAsync();
        for (int tries = 1; tries <= 3; tries++)
        {
            IOException refused = await Assert.ThrowsAnyAsync<IOException>(() => siege.Server.ConnectAsync());
            Assert.Contains("no memory left for the rings", refused.Message, StringComparison.Ordinal);
            await siege.RefusesAsync(SharedMemoryRefusal.NoMemory, tries);
        }

        second.Dispose();
        await siege.AttackedConnectionEndsAsync();

        // The handler has ended; the memory goes a moment later.
        using Peer third = await AttachEventuallyAsync(siege);
    }

    [Theory(Timeout = Timeout)]
    [InlineData(2, Small)]
    [InlineData(3, Small)]
    [InlineData(5, Small)]
    [InlineData(2, Large)]
    [InlineData(3, Large)]
    [InlineData(5, Large)]
    public async Task The_budget_of_who_hung_up_comes_back_and_its_memory_goes(int stage, int ringBytes)
    {
        const int Room = 20;
        await using Siege siege = await Siege.StartAsync(options => (options.RingBytes, options.MemoryBudgetBytes) = (ringBytes, Room * BytesOfConnection(ringBytes)));
        int mappings = Mappings.Count;
        for (int round = 0; round < 5; round++)
        {
            await using Attacker attacker = await siege.AttackAsync("hangup", $"{stage}", "15");
            await attacker.SaysAsync("done");
            await Eventually.IsTrue(() => siege.Refusals.Count + siege.OthersAttached >= 15 * (round + 1));
            await Eventually.IsTrue(() => siege.OthersOpen == 0);
        }

        // All of it, but for the honest client's; that of who hung up while it was made comes back a moment later.
        var last = new List<Peer>();
        while (last.Count < Room - 1)
        {
            last.Add(await AttachEventuallyAsync(siege));
            await AskAsync(last[^1]);
        }

        last.ForEach(peer => peer.Dispose());
        await Mappings.AreBackAt(mappings);
    }

    [Fact(Timeout = Timeout)]
    public async Task A_server_that_gets_no_memory_from_the_kernel_refuses_and_recovers_with_its_whole_budget()
    {
        External.Demand("prlimit");
        await using HostProcess host = await HostProcess.StartSharedMemoryAsync();
        using Peer served = await Peer.ConnectAsync(host.Address);
        await AskAsync(served);

        // The budget is for seven clients.
        await host.LimitFilesAsync("4096");
        for (int refusals = 0; refusals < 20; refusals++)
        {
            IOException refused = await Assert.ThrowsAnyAsync<IOException>(() => Peer.ConnectAsync(host.Address));
            Assert.Contains("no memory left for the rings", refused.Message, StringComparison.Ordinal);
        }

        await AskAsync(served);
        await host.LimitFilesAsync("unlimited");
        for (int attached = 0; attached < 3; attached++)
        {
            using Peer peer = await Peer.ConnectAsync(host.Address);
            await AskAsync(peer);
        }
    }

    [Fact(Timeout = Timeout)]
    public async Task Ten_thousand_clients_come_and_go_and_leave_nothing_behind()
    {
        const int Times = 10_000;
        await using Siege siege = await Siege.StartAsync();
        await siege.OthersAreServedAsync();
        int descriptors = Descriptors.Count;
        int mappings = Mappings.Count;
        int allMappings = Mappings.OfAllKinds;
        await using Attacker attacker = await siege.AttackAsync("cycles", $"{Times}");

        await attacker.SaysAsync("done");
        for (int ended = 0; ended < Times; ended++)
        {
            await siege.AttackedConnectionEndsAsync();
        }

        await Descriptors.AreBackAt(descriptors, tolerance: 0);
        await Mappings.AreBackAt(mappings);

        // The runtime's own, of its heap and its threads, may be a few more.
        Assert.True(Mappings.OfAllKinds < allMappings + 200, $"{Mappings.OfAllKinds} mappings, {allMappings} at first.");
        await siege.OthersAreServedAsync();
    }

    private static int BytesOfConnection(int ringBytes) => HeaderBytes + (2 * ringBytes);

    private static async Task<Peer> AttachEventuallyAsync(Siege siege)
    {
        Peer? peer = null;
        for (long start = Environment.TickCount64; peer is null && Environment.TickCount64 - start < 10_000;)
        {
            try
            {
                peer = await siege.Server.ConnectAsync();
            }
            catch (IOException refused) when (refused.Message.Contains("no memory left", StringComparison.Ordinal))
            {
                await Task.Yield();
            }
        }

        Assert.NotNull(peer);
        return peer;
    }

    private static async Task AskAsync(Peer peer)
    {
        await peer.SendAsync("abc");
        Assert.Equal("abc", await peer.ReceiveTextAsync(3));
    }
}
