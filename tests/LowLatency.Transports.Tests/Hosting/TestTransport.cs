using System.Net;
using System.Net.Sockets;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.SharedMemory;
using LowLatency.Transports.Sockets;
using LowLatency.Transports.Tls;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace LowLatency.Transports.Tests.Hosting;

/// <summary>A way to listen, to run the contract against.</summary>
public abstract class TestTransport
{
    /// <summary>Tells the server to use it.</summary>
    internal abstract void Use(IWebHostBuilder builder);

    /// <summary>A fresh address, in the end point type that chooses the transport.</summary>
    internal abstract EndPoint NewEndPoint();

    /// <summary>What clients have to know of its TLS; none where it speaks in clear text.</summary>
    internal virtual ClientTlsOptions? Tls => null;

    /// <summary>Puts under the handler what belongs there.</summary>
    internal virtual void Prepare(ListenOptions listen)
    {
    }

    /// <summary>The client's half, in the same setting.</summary>
    internal virtual IConnectionFactory CreateClient() => throw new NotSupportedException("Kestrel's own transport has none.");
}

/// <summary>Kestrel's own transport, which the contract was measured on.</summary>
internal sealed class SocketsTransport : TestTransport
{
    internal override void Use(IWebHostBuilder builder) => builder.UseInlineSockets();

    internal override EndPoint NewEndPoint() => new SocketsEndPoint(new IPEndPoint(IPAddress.Loopback, 0));
}

/// <summary>The busy-polled transport, in one of its settings.</summary>
internal sealed class BusyPollTransport(AddressFamily family, ApplicationScheduling scheduling, Action<BusyPollTransportOptions>? configure = null) : TestTransport
{
    internal override void Use(IWebHostBuilder builder) => builder.UseBusyPoll(Configure);

    internal override EndPoint NewEndPoint()
        => new BusyPollEndPoint(family == AddressFamily.Unix ? NewUnixAddress() : new IPEndPoint(IPAddress.Loopback, 0), scheduling);

    internal override IConnectionFactory CreateClient()
    {
        var options = new BusyPollTransportOptions { Scheduling = scheduling };
        Configure(options);
        return new BusyPollConnectionFactory(options);
    }

    internal static UnixDomainSocketEndPoint NewUnixAddress() => new(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".sock"));

    private void Configure(BusyPollTransportOptions options)
    {
        // Long enough to spin within an exchange, short enough to leave the CPU to the next test.
        options.SpinFor = TimeSpan.FromMilliseconds(5);
        configure?.Invoke(options);
    }
}

/// <summary>Rings in shared memory, on the loops of the busy-polled transport.</summary>
internal sealed class SharedMemoryTransport(ApplicationScheduling scheduling, Action<BusyPollTransportOptions>? configure = null, int? ringBytes = null) : TestTransport
{
    internal override void Use(IWebHostBuilder builder) => builder
        .UseSharedMemory()
        .ConfigureServices(services => services.Configure<BusyPollTransportOptions>(Configure));

    internal override EndPoint NewEndPoint()
        => NewAddress(scheduling, ringBytes);

    internal static SharedMemoryEndPoint NewAddress(ApplicationScheduling scheduling, int? ringBytes = null)
        => new(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".sock"), scheduling) { RingBytes = ringBytes };

    internal override IConnectionFactory CreateClient()
    {
        var options = new BusyPollTransportOptions();
        Configure(options);
        return new SharedMemoryConnectionFactory(options);
    }

    private void Configure(BusyPollTransportOptions options)
    {
        options.SpinFor = TimeSpan.FromMilliseconds(5);
        configure?.Invoke(options);
    }
}
