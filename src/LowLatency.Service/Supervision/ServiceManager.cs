using System.Net.Sockets;
using System.Text;
using LowLatency.Service.Hosting;

namespace LowLatency.Service.Supervision;

/// <summary>Tells a service manager how the service is: systemd's protocol, sd_notify(3), of <c>Type=notify</c>.</summary>
/// <remarks>Ready is said after the warm-up, which the framework's own package cannot know of.</remarks>
internal sealed class ServiceManager : IDisposable
{
    internal const string Ready = "READY=1";
    internal const string Stopping = "STOPPING=1";
    internal const string Alive = "WATCHDOG=1";

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
    private readonly UnixDomainSocketEndPoint _address;
    private readonly ILogger _logger;

    private ServiceManager(string path, ILogger logger)
    {
        // An @ stands for the zero byte of a name that is no file.
        _address = new UnixDomainSocketEndPoint(path[0] == '@' ? '\0' + path[1..] : path);
        _logger = logger;
    }

    /// <summary>The one that has started this process and wants to be told; <c>null</c> when there is none.</summary>
    internal static ServiceManager? Find(ILogger logger)
        => Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is { Length: > 1 } path && path[0] is '/' or '@' ? new ServiceManager(path, logger) : null;

    internal void Tell(string state)
    {
        try
        {
            _socket.SendTo(Encoding.ASCII.GetBytes(state), _address);
        }
        catch (SocketException exception)
        {
            // It decides what to make of a service that it does not hear of. Traffic goes on.
            Log.NotToldTheServiceManager(_logger, state, exception.SocketErrorCode);
        }
    }

    public void Dispose() => _socket.Dispose();
}
