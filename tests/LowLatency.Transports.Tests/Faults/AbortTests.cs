using System.Net.Sockets;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Tests.Hosting;
using Microsoft.AspNetCore.Connections;
using Xunit;

namespace LowLatency.Transports.Tests.Faults;

/// <summary>A reply that was cut off must not look like a whole one: TCP can tell the two apart, and Unix sockets cannot.</summary>
public sealed class AbortTests
{
    [Theory(Timeout = Hanging.After)]
    [InlineData("sockets")]
    [InlineData("inline")]
    [InlineData("dispatched")]
    public async Task An_abort_over_TCP_is_a_reset_at_once_also_while_the_handler_goes_on(string transport)
    {
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestServer server = await TestServer.StartAsync(Named(transport), async connection =>
        {
            await connection.Transport.Input.ReadAsync();
            await connection.Transport.Output.WriteTextAsync("part");
            connection.Abort(new ConnectionAbortedException("The rest does not come."));
            await seen.Task;
        });
        using Peer peer = await server.ConnectAsync();
        await peer.SendAsync("go");
        Assert.Equal("part", await peer.ReceiveTextAsync(4));

        SocketException end = await Assert.ThrowsAsync<SocketException>(async () => await peer.ReceiveAsync(new byte[1]));
        Assert.Equal(SocketError.ConnectionReset, end.SocketErrorCode);
        seen.SetResult();
    }

    private static TestTransport Named(string transport) => transport switch
    {
        "sockets" => new SocketsTransport(),
        "inline" => new BusyPollTransport(AddressFamily.InterNetwork, ApplicationScheduling.Inline),
        _ => new BusyPollTransport(AddressFamily.InterNetwork, ApplicationScheduling.ThreadPool),
    };
}
