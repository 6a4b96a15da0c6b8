using System.Net;
using System.Net.Sockets;
using System.Numerics;
using LowLatency.Linux;
using LowLatency.Transports.BusyPoll;
using LowLatency.Transports.Listening;
using LowLatency.Transports.Polling;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace LowLatency.Transports.SharedMemory.Internal;

/// <summary>Listens on control sockets, by poll loops.</summary>
internal sealed class SharedMemoryTransportFactory(
    PollLoopGroup loops,
    IOptions<SharedMemoryTransportOptions> options,
    IOptions<BusyPollTransportOptions> polling,
    ILoggerFactory loggerFactory,
    IHostApplicationLifetime? lifetime = null,
    ConnectionLimit? limit = null) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    private readonly ILogger _logger = loggerFactory.CreateLogger("LowLatency.Transports.SharedMemory");
    private readonly MemoryBudget _budget = new(options.Value.MemoryBudgetBytes);

    public bool CanBind(EndPoint endpoint) => endpoint is SharedMemoryEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var place = (SharedMemoryEndPoint)endpoint;
        int ringBytes = place.RingBytes ?? options.Value.RingBytes;
        if (ringBytes <= 0 || !RingLayout.IsRingSize((uint)ringBytes))
        {
            throw new BindException(endpoint, $"a ring of {ringBytes} bytes is not possible; allowed: powers of two from {Math.Max(RingLayout.SmallestRing, Environment.SystemPageSize)} to {RingLayout.LargestRing}");
        }

        ListenSocket socket;
        try
        {
            socket = Listen(place, options.Value.Backlog);
        }
        catch (Exception exception) when (BindFailure.Describe(exception, place.Path) is string reason)
        {
            throw new BindException(endpoint, reason, exception);
        }

        PollLoop loop = loops.NextFor(socket);
        var settings = new AttachSettings(place, (uint)ringBytes, LargestRing(ringBytes, options.Value.MaxRingBytes), polling.Value.ReceiveBytes, options.Value.HandshakeTimeout);
        var source = new SharedMemoryAcceptSource(socket, settings, place.Limit ?? limit, _budget, loops, loop, _logger, fatal: () => EndOfAccepting.StopProcess(lifetime));
        loop.Post(static source => ((SharedMemoryAcceptSource)source!).Start(), source);
        var listener = new PolledListener(source, loop, place);
        place.Bound?.Invoke(listener);
        return ValueTask.FromResult<IConnectionListener>(listener);
    }

    // What a client asks for is cut down to this, which therefore must be the size of a ring itself.
    private static uint LargestRing(int ringBytes, int maxRingBytes)
        => Math.Min(1u << BitOperations.Log2((uint)Math.Max(maxRingBytes, ringBytes)), RingLayout.LargestRing);

    private static ListenSocket Listen(SharedMemoryEndPoint place, int backlog)
    {
        Socket socket = place.Inherited ?? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            // Those that a client sends along would be closed on the loop, and a TCP socket that lingers takes its time for that.
            _ = DescriptorPassing.TryRefuse((int)socket.Handle);
            if (place.Inherited is not null)
            {
                return new ListenSocket(socket);
            }

            UnixSocketPath.Prepare(place.Path);
            socket.Bind(place.ControlSocket);
            if (place.AllowUsers.Count + place.AllowGroups.Count > 0)
            {
                // Who they are is known in the handshake only, which asks the kernel.
                UnixSocketPath.Open(place.Path);
            }
            else
            {
                UnixSocketPath.Restrict(place.Path);
            }

            socket.Listen(backlog);
            return new ListenSocket(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>What a server gives to those who attach at one endpoint.</summary>
internal sealed record AttachSettings(SharedMemoryEndPoint EndPoint, uint RingBytes, uint MaxRingBytes, int ReceiveBytes, TimeSpan Timeout)
{
    internal bool Inline => EndPoint.Scheduling == ApplicationScheduling.Inline;

    /// <summary>Whether somebody may attach: the own user, and who is listed.</summary>
    internal bool Allows(StreamSocket control) => PeerRules.AllowsUser(control, EndPoint.AllowUsers, EndPoint.AllowGroups);
}
