using System.IO.Pipelines;
using System.Net.Sockets;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Tests.Hosting;
using Microsoft.AspNetCore.Connections;
using Xunit;

namespace LowLatency.Transports.Tests.Faults;

/// <summary>Code of the application that blocks a loop is at fault, and holds nobody else up for ever.</summary>
public sealed class BlockedLoopTests
{
    private const int Timeout = Hanging.After;

    [Theory(Timeout = Timeout)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_server_ends_although_the_application_blocks_a_loop(int loops)
    {
        using var release = new ManualResetEventSlim();
        var blocked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var given = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var transport = new BusyPollTransport(AddressFamily.InterNetwork, ApplicationScheduling.Inline, options => (options.Loops, options.WaitStrategy) = (loops, WaitStrategy.Blocking));
        TestServer server = await TestServer.StartAsync(transport, async connection =>
        {
            // What has arrived before the first read goes on where it is.
            bool isOnLoop;
            do
            {
                ReadResult read = await connection.Transport.Input.ReadAsync();
                connection.Transport.Input.AdvanceTo(read.Buffer.End);
                isOnLoop = Thread.CurrentThread.Name?.StartsWith("LowLatency ", StringComparison.Ordinal) == true;
                await connection.Transport.Output.WriteTextAsync(isOnLoop ? "!" : "?");
            }
            while (!isOnLoop);
            blocked.SetResult();
            release.Wait(TestContext.Current.CancellationToken);
            given.SetResult();
        });
        using Peer peer = await server.ConnectAsync();
        do
        {
            await peer.SendAsync("a");
        }
        while (await peer.ReceiveTextAsync(1) == "?");
        await blocked.Task;

        // With two loops, one of them comes to the blocked one.
        Peer[] late = [await server.ConnectAsync(), await server.ConnectAsync()];

        await server.StopAsync();
        await server.DisposeAsync();

        Assert.Contains(server.Logs.Warnings, line => line.Contains("has not given the loop back", StringComparison.Ordinal));
        release.Set();
        await given.Task;

        // The loop has come back to somebody who waits for it.
        foreach (Peer each in late)
        {
            await each.SeesTheEndAsync();
            each.Dispose();
        }
    }

    [Fact(Timeout = Timeout)]
    public async Task A_factory_ends_although_the_application_blocks_its_loop()
    {
        using var release = new ManualResetEventSlim();
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await TestServer.StartAsync(
            new BusyPollTransport(AddressFamily.InterNetwork, ApplicationScheduling.Inline, options => options.WaitStrategy = WaitStrategy.Blocking), Handlers.EchoAsync);
        var factory = new BusyPollConnectionFactory(new BusyPollTransportOptions { WaitStrategy = WaitStrategy.Blocking, Scheduling = ApplicationScheduling.Inline });
        ConnectionContext blocking = await factory.ConnectAsync(server.Address, TestContext.Current.CancellationToken);
        ConnectionContext other = await factory.ConnectAsync(server.Address, TestContext.Current.CancellationToken);
        var blocked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task handling = Task.Run(async () =>
        {
            while (Thread.CurrentThread.Name?.StartsWith("LowLatency ", StringComparison.Ordinal) != true)
            {
                await blocking.Transport.Output.WriteTextAsync("a");
                ReadResult read = await blocking.Transport.Input.ReadAsync();
                blocking.Transport.Input.AdvanceTo(read.Buffer.End);
            }

            blocked.SetResult();
            release.Wait(TestContext.Current.CancellationToken);
        }, TestContext.Current.CancellationToken);
        Task waiting = Task.Run(async () =>
        {
            await blocked.Task;
            await Assert.ThrowsAsync<ConnectionAbortedException>(async () => await Handlers.ReadAtLeastAsync(other.Transport.Input, 1));
            ended.SetResult();
        }, TestContext.Current.CancellationToken);
        await blocked.Task;

        factory.Dispose();

        Assert.False(ended.Task.IsCompleted);
        release.Set();
        await ended.Task;
        await Task.WhenAll(handling, waiting);
    }
}
