using Xunit;

namespace LowLatency.Service.Tests.Running;

/// <summary>One service for all tests of a class, with an endpoint of every kind on one transport.</summary>
public abstract class SharedService(string transport) : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    internal ServiceProcess Process { get; private set; } = null!;

    /// <summary>The transport that all endpoints are on.</summary>
    internal string Transport => transport;

    public async ValueTask InitializeAsync() => Process = await ServiceProcess.StartAsync(
        [
            "--LowLatency:Limits:MaxMessageBytes=10",
            "--LowLatency:Endpoints:Six:Url=tcp://[::1]:0",
            "--LowLatency:Endpoints:Line:Url=tcp://127.0.0.1:0",
            "--LowLatency:Endpoints:Line:Framing=Line",
            $"--LowLatency:Endpoints:Prefix:Url=unix://{_folder.File("prefix.sock")}",
            "--LowLatency:Endpoints:Prefix:Framing=LengthPrefix",
            .. ServiceProgram.Transport(transport, "Tcp", "Six", "Unix", "Line", "Prefix"),
        ]);

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }
}

public sealed class BusyPollService() : SharedService("BusyPoll");

public sealed class SocketsService() : SharedService("Sockets");
