using System.Diagnostics;
using LowLatency.Transports.Listening;
using LowLatency.Transports.SharedMemory;
using LowLatency.Transports.Tests.Hosting;
using Microsoft.AspNetCore.Connections;
using Xunit;

namespace LowLatency.Transports.Tests.Faults;

/// <summary>A process that is out of descriptors waits for some, quietly, and serves whoever waited with it.</summary>
public sealed class OutOfDescriptorsTests
{
    [Fact(Timeout = Hanging.After)]
    public async Task Accepting_waits_without_spinning_says_so_rarely_and_recovers_by_itself()
    {
        External.Demand("prlimit");
        await using HostProcess host = await HostProcess.StartAsync();
        using Peer served = await Peer.ConnectAsync(host.Address);
        await AskAsync(served);

        // A few more than are open, so that some clients get in and the others wait.
        await host.LimitDescriptorsAsync(host.Descriptors + 5);
        Peer[] crowd = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Peer.ConnectAsync(host.Address)));
        await Eventually.IsTrue(() => host.Lines.Count > 0);

        var watch = Stopwatch.StartNew();
        int said = host.Lines.Count;
        TimeSpan before = host.ProcessorTime;
        int answered = 0;
        while (watch.Elapsed < TimeSpan.FromSeconds(2))
        {
            await AskAsync(served);
            answered++;
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        TimeSpan used = host.ProcessorTime - before;
        TimeSpan waited = watch.Elapsed;
        Assert.True(answered > 0);
        Assert.True(used < waited / 5, $"{used} of processor time in {waited} of waiting.");

        // One a second; on a machine that lets it wait, the first one may still be under way.
        await Eventually.IsTrue(() => host.Lines.Count > said);
        int lines = host.Lines.Count - said;
        Assert.InRange(lines, 1, 1 + (int)watch.Elapsed.TotalSeconds);
        Assert.All(host.Lines, line => Assert.Contains("cannot accept for the moment", line, StringComparison.Ordinal));

        await host.LimitDescriptorsAsync(1000);
        foreach (Peer peer in crowd)
        {
            await AskAsync(peer);
            peer.Dispose();
        }
    }

    [Fact(Timeout = Hanging.After)]
    public async Task Whoever_attaches_to_shared_memory_until_nothing_is_left_leaves_enough_to_hear_of_a_signal()
    {
        External.Demand("prlimit");
        await using HostProcess host = await HostProcess.StartSharedMemoryAsync();
        (int before, int eventFiles) = (host.Descriptors, host.EventFiles);
        await host.LimitDescriptorsAsync(before + 5);
        using var clients = new SharedMemoryConnectionFactory();
        using var enough = new CancellationTokenSource(Hanging.Patience);
        var attached = new List<ConnectionContext>();
        try
        {
            while (attached.Count < 20)
            {
                attached.Add(await clients.ConnectAsync(host.Address, enough.Token));
                enough.CancelAfter(TimeSpan.FromSeconds(3));
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The one that nothing is left for is refused, or has to wait.
        }

        Assert.InRange(attached.Count, 1, 19);
        await Eventually.IsTrue(() => host.Descriptors <= before + 5 - 2);
        foreach (ConnectionContext connection in attached)
        {
            await connection.DisposeAsync();
        }

        // The runtime may have opened or closed one or two of its own meanwhile; of the spares, none is missing.
        await Eventually.IsTrue(
            () => host.EventFiles == eventFiles && host.Descriptors <= before + 2,
            () => $"{host.Descriptors} are open, {before} were; {host.EventFiles} of them spares and bells, {eventFiles} were.");
    }

    [Fact]
    public void Spares_are_had_also_where_somebody_keeps_files_of_this_machine_to_himself()
    {
        using var held = new FileStream("/dev/null", FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        var spares = new SpareDescriptors();
        spares.GiveUp();
        Assert.True(spares.TryTakeBack());
        spares.GiveUp(forGood: true);
    }

    private static async Task AskAsync(Peer peer)
    {
        await peer.SendAsync("abc");
        Assert.Equal("abc", await peer.ReceiveTextAsync(3));
    }
}
