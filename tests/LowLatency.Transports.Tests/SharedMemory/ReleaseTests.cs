using System.Collections.Concurrent;
using System.IO.Pipelines;
using LowLatency.Linux;
using LowLatency.Transports.PipeEnds;
using LowLatency.Transports.Tests.Hosting;
using Microsoft.AspNetCore.Connections;
using Xunit;

namespace LowLatency.Transports.Tests.SharedMemory;

/// <summary>Memory is given back under nobody's hands: who comes too late gets an error, and not the end of the process.</summary>
public sealed class ReleaseTests
{
    private const int Timeout = Hanging.After;
    private const int FruitlessTries = 10_000;

    private readonly ConcurrentBag<Task> _leftBehind = [];

    [Theory(Timeout = Timeout)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_thread_that_a_handler_has_left_behind_may_go_on_with_its_rings(bool aborts)
    {
        await using Siege siege = await Siege.StartAsync(handler: connection => LeaveAsync(connection, aborts));
        int mappings = Mappings.Count;

        for (int connection = 0; connection < 300; connection++)
        {
            using Peer peer = await siege.Server.ConnectAsync();
            await peer.SendAsync("leave");
            await peer.SeesTheEndAsync();
            await siege.AttackedConnectionEndsAsync();
        }

        await Task.WhenAll(_leftBehind);
        await Mappings.AreBackAt(mappings);
        await siege.OthersAreServedAsync();
    }

    // Echoes to all but those who say "leave".
    private async Task LeaveAsync(ConnectionContext connection, bool aborts)
    {
        PipeReader input = connection.Transport.Input;
        ReadResult read = await input.ReadAsync();
        bool leaves = read.Text() == "leave";
        input.AdvanceTo(leaves ? read.Buffer.End : read.Buffer.Start);
        if (!leaves)
        {
            await Siege.EchoAsync(connection);
            return;
        }

        IDirectExchange rings = connection.Features.Get<IDirectExchange>()!;
        using var begun = new SemaphoreSlim(0);
        _leftBehind.Add(Task.Factory.StartNew(() => GoOn(rings, begun), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        await begun.WaitAsync();
        if (aborts)
        {
            connection.Abort();
        }
    }

    private static void GoOn(IDirectExchange rings, SemaphoreSlim begun)
    {
        byte[] buffer = new byte[16_000];
        for (int fruitless = 0; fruitless < FruitlessTries;)
        {
            IoResult received = rings.Receive(buffer);
            IoResult sent = rings.Send(buffer);
            rings.Flushed();
            if (fruitless == 0 && received.WouldBlock)
            {
                TryRelease(begun);
            }

            fruitless += received.Succeeded || received.WouldBlock || sent.Succeeded ? 0 : 1;
        }
    }

    private static void TryRelease(SemaphoreSlim begun)
    {
        try
        {
            begun.Release();
        }
        catch (ObjectDisposedException)
        {
            // The handler has gone.
        }
    }
}
