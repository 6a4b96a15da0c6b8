using System.Diagnostics;
using System.Net.Security;
using System.Security.Authentication;
using LowLatency.Service.Tests.Running;
using Xunit;

namespace LowLatency.Service.Tests.Encrypting;

/// <summary>A stop over TLS: what has arrived is answered, handshakes come to their end, and a goodbye is said.</summary>
public abstract class TlsStopTests(string transport) : TlsFixture(transport)
{
    [Fact]
    public async Task A_stop_ends_idle_connections_and_handshakes_cleanly()
    {
        await using ServiceProcess service = await StartAsync("--LowLatency:Limits:ShutdownTimeout=01:00:00", "--LowLatency:Limits:HandshakeTimeout=01:00:00");
        using ServiceClient stalled = await service.ConnectAsync();
        await using SslStream client = await ConnectAsync(service);
        Assert.Equal("respuesta", await AskAsync(client));
        await service.SignalAsync("TERM");
        Assert.Equal(0, await client.ReadAsync(new byte[10], TestContext.Current.CancellationToken));
        await client.DisposeAsync();
        Assert.Empty(await stalled.ReceiveToTheEndAsync());
        Assert.Equal(0, await service.WaitForExitAsync());
    }

    [Fact]
    public async Task A_handshake_that_a_stop_meets_comes_to_its_end_and_then_the_connection_does()
    {
        // It has a second, which a busy machine may take for itself.
        for (int attempt = 1; !await ComesToItsEndAsync(mayBeLate: attempt < 4); attempt++)
        {
        }
    }

    private async Task<bool> ComesToItsEndAsync(bool mayBeLate)
    {
        await using ServiceProcess service = await StartAsync();
        using ServiceClient accepted = await service.ConnectAsync();
        await using SslStream behind = await ConnectAsync(service);
        Assert.Equal("respuesta", await AskAsync(behind));
        await service.SignalAsync("STOP");
        Task<SslStream> connecting = ConnectAsync(accepted, SslProtocols.None);
        await service.SignalAsync("TERM");
        var leaving = Stopwatch.StartNew();
        await service.SignalAsync("CONT");
        try
        {
            await using SslStream client = await connecting;
            Assert.Empty(await ReadToEndAsync(client));
        }
        catch (Exception late) when (mayBeLate && late is (IOException or AuthenticationException) && leaving.Elapsed > TimeSpan.FromSeconds(1))
        {
            return false;
        }

        Assert.Empty(await ReadToEndAsync(behind));
        Assert.Equal(0, await service.WaitForExitAsync());
        AssertNothingToWarnOf(service);
        return true;
    }

    [Fact]
    public async Task The_last_thing_that_is_said_is_a_goodbye()
    {
        const int Alert = 21;
        await using ServiceProcess service = await StartAsync();
        using ServiceClient connected = await service.ConnectAsync();

        // By that version the type of every record can be seen from outside.
        var records = new RecordedStream(connected.Socket);
        await using SslStream client = await ConnectAsync(records, SslProtocols.Tls12);
        Assert.Equal("respuesta", await AskAsync(client));
        Assert.NotEqual(Alert, records.LastType);
        await service.SignalAsync("TERM");
        Assert.Empty(await ReadToEndAsync(client));
        Assert.Equal(Alert, records.LastType);
        await client.DisposeAsync();
        Assert.Equal(0, await service.WaitForExitAsync());
    }
}

public sealed class BusyPollTlsStopTests() : TlsStopTests("BusyPoll")
{
    // With Kestrel's own transport it is what that has received by then, and nobody can have it look.
    [Fact]
    public async Task What_has_arrived_when_the_signal_comes_is_answered_before_the_end()
    {
        const int Clients = 50;
        await using ServiceProcess service = await StartAsync();
        var clients = new List<SslStream>();
        for (int client = 0; client < Clients; client++)
        {
            clients.Add(await ConnectAsync(service));
            if (client % 2 == 0)
            {
                Assert.Equal("respuesta", await AskAsync(clients[^1]));
            }
        }

        await service.SignalAsync("STOP");
        foreach (SslStream client in clients)
        {
            await client.WriteAsync("hola"u8.ToArray(), TestContext.Current.CancellationToken);
        }

        await service.SignalAsync("TERM");
        await service.SignalAsync("CONT");
        foreach (SslStream client in clients)
        {
            Assert.Equal("respuesta", await ReadToEndAsync(client));
        }

        Assert.Equal(0, await service.WaitForExitAsync());
        AssertNothingToWarnOf(service);
    }
}

public sealed class SocketsTlsStopTests() : TlsStopTests("Sockets");
