using LowLatency.Service.Tests.Running;
using Xunit;

namespace LowLatency.Service.Tests.Stopping;

/// <summary>A service that can accept nobody any more says so and ends as a failure, so that whoever supervises it starts another.</summary>
/// <remarks>What the kernel says where a descriptor is no socket any more: <c>tests/faults.sh inject</c>.</remarks>
public sealed class FatalAcceptTests
{
    [Theory]
    [InlineData("BusyPoll", "Tcp", "Unix")]
    [InlineData("BusyPoll", "Unix", "Tcp")]
    [InlineData("BusyPoll", "Shm", "Tcp")]
    [InlineData("Sockets", "Tcp", "Unix")]
    public async Task A_listening_socket_that_is_no_longer_one_ends_the_service_as_a_failure(string transport, string ended, string other)
    {
        using var holder = new SocketHolder();
        await using ServiceProcess service = await holder.StartAsync(ServiceProgram.Transport(transport, "Tcp", "Unix"));
        using ServiceClient client = await service.ConnectAsync(other);
        Assert.Equal("respuesta", await client.AskAsync("hola"));

        holder.EndListening(ended);

        // Who is being served is let go as in any stop.
        Assert.Empty(await client.ReceiveToTheEndAsync());
        client.Dispose();
        Assert.Equal(1, await service.WaitForExitAsync());
        string line = Assert.Single(service.Lines, line => line.Contains(" FTL ", StringComparison.Ordinal));
        Assert.Matches(@" cannot accept any more \(Invalid(Argument)?\); stopping$", line);
        Assert.DoesNotContain(service.Lines, line => line.StartsWith("   at ", StringComparison.Ordinal));
    }
}
