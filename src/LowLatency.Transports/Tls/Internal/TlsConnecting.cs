using Microsoft.AspNetCore.Connections;

namespace LowLatency.Transports.Tls.Internal;

/// <summary>TLS over whatever a factory connects by.</summary>
internal static class TlsConnecting
{
    /// <summary>Connects and shakes hands.</summary>
    /// <param name="connections">Makes the connection that is encrypted.</param>
    /// <param name="target">Where to, and whom to trust.</param>
    /// <param name="cancellationToken">Gives up, in the handshake as well.</param>
    /// <exception cref="TlsHandshakeException">The handshake came to nothing.</exception>
    internal static async ValueTask<ConnectionContext> ConnectAsync(IConnectionFactory connections, TlsEndPoint target, CancellationToken cancellationToken)
    {
        var tls = new ClientTls(target);
        ConnectionContext encrypted = await connections.ConnectAsync(target.Address, cancellationToken);
        var stream = new TransportStream(encrypted);
        var handshake = new ClientHandshake(tls, stream);
        try
        {
            await handshake.RunAsync(cancellationToken);
            stream.HandshakeIsOver();
            return new TlsConnectionContext(encrypted, handshake.ClearText);
        }
        catch
        {
            await handshake.ClearText.DisposeAsync();
            encrypted.Abort();
            await encrypted.DisposeAsync();
            throw;
        }
    }
}
