using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace LowLatency.Service.Endpoints;

/// <summary>The listeners and connections of the fast endpoints, so that they can be ended while the sidecar still tells of it.</summary>
/// <remarks>The server would end them together with the sidecar, which then could not say any more that the service is not ready.</remarks>
internal sealed class OpenEndpoints
{
    private readonly Lock _lock = new();
    private readonly List<IConnectionListener> _listeners = [];
    private readonly HashSet<ConnectionContext> _connections = [];
    private bool _leaving;

    /// <summary>Connections that are being served.</summary>
    internal int Connections
    {
        get
        {
            lock (_lock)
            {
                return _connections.Count;
            }
        }
    }

    internal void Add(IConnectionListener listener)
    {
        lock (_lock)
        {
            _listeners.Add(listener);
        }
    }

    /// <summary>Serves a connection, and knows of it as long as that takes.</summary>
    internal ConnectionDelegate Around(ConnectionDelegate serve) => async connection =>
    {
        bool leaving;
        lock (_lock)
        {
            _connections.Add(connection);
            leaving = _leaving;
        }

        // Accepted before the stop and started behind it.
        if (leaving)
        {
            RequestClose(connection);
        }

        try
        {
            await serve(connection);
        }
        finally
        {
            lock (_lock)
            {
                _connections.Remove(connection);
            }
        }
    };

    /// <summary>Accepts no more. The server does so once more when it stops itself, and finds it done.</summary>
    internal Task UnbindAsync() => Task.WhenAll(Copy(_listeners).Select(listener => listener.UnbindAsync().AsTask()));

    /// <summary>Has every connection end as soon as it has answered what has arrived.</summary>
    internal void AskToLeave()
    {
        lock (_lock)
        {
            _leaving = true;
        }

        Copy(_connections).ForEach(RequestClose);
    }

    /// <summary>Ends every connection at once.</summary>
    internal void Abort() => Copy(_connections).ForEach(connection => connection.Abort(new ConnectionAbortedException("The service stops.")));

    private static void RequestClose(ConnectionContext connection)
        => connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();

    // What is asked of them may run the end of a session, which removes itself.
    private List<T> Copy<T>(IEnumerable<T> each)
    {
        lock (_lock)
        {
            return [.. each];
        }
    }
}
