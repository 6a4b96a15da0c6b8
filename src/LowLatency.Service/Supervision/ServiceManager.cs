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

    private const long Pause = 1000;

    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
    private readonly UnixDomainSocketEndPoint _address;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private SocketError _last = SocketError.Success;
    private long? _lastLine;

    private ServiceManager(UnixDomainSocketEndPoint address, ILogger logger)
    {
        _address = address;
        _logger = logger;
    }

    /// <summary>The one that has started this process and wants to be told; <c>null</c> when there is none.</summary>
    internal static ServiceManager? Find(ILogger logger) => At(Environment.GetEnvironmentVariable("NOTIFY_SOCKET"), logger);

    internal static ServiceManager? At(string? path, ILogger logger)
    {
        if (path is not { Length: > 1 } || path[0] is not ('/' or '@'))
        {
            return null;
        }

        try
        {
            // An @ stands for the zero byte of a name that is no file.
            return new ServiceManager(new UnixDomainSocketEndPoint(path[0] == '@' ? '\0' + path[1..] : path), logger);
        }
        catch (ArgumentOutOfRangeException)
        {
            Log.NoAddressOfAServiceManager(logger, path);
            return null;
        }
    }

    /// <summary>Says what must not be missed again and again, as long as the manager is there and has no room to hear it.</summary>
    internal async Task TellUntilHeardAsync(string state, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested && !Tell(state))
        {
            await Task.Delay(BetweenTries, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Says how the service is.</summary>
    /// <returns>Whether there is no point in saying it again: it was heard, or there is nobody.</returns>
    internal bool Tell(string state)
    {
        try
        {
            _socket.SendTo(Encoding.ASCII.GetBytes(state), _address);
            IsNews(SocketError.Success);
            return true;
        }
        catch (SocketException exception)
        {
            // It decides what to make of a service that it does not hear of. Traffic goes on.
            if (IsNews(exception.SocketErrorCode))
            {
                Log.NotToldTheServiceManager(_logger, state, exception.SocketErrorCode);
            }

            return exception.SocketErrorCode is not (SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable);
        }
        catch (ObjectDisposedException)
        {
            // The service has ended meanwhile.
            return true;
        }
    }

    public void Dispose() => _socket.Dispose();

    // The watchdog meets the same error twice a period for ever, and one that comes and goes as often: a line a second at most.
    private bool IsNews(SocketError error)
    {
        lock (_lock)
        {
            long now = Environment.TickCount64;
            bool isFailure = error != SocketError.Success;
            if (error == _last || (isFailure && _lastLine is long line && now - line < Pause))
            {
                return false;
            }

            _last = error;
            _lastLine = isFailure ? now : _lastLine;
            return isFailure;
        }
    }
}
