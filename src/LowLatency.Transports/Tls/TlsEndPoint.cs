using System.Net;
using System.Net.Sockets;

namespace LowLatency.Transports.Tls;

/// <summary>An address where a client is to speak TLS. Nobody listens on it: on a server, TLS is a matter of the endpoint's configuration.</summary>
/// <remarks>A type of its own, so that a factory which knows nothing of TLS refuses it and does not talk in clear text.</remarks>
public sealed class TlsEndPoint : EndPoint
{
    /// <summary>Names an address.</summary>
    /// <param name="address">Where to connect: of any kind that the factory in use connects to.</param>
    /// <param name="host">Whom the certificate must be for, unless <see cref="ClientTlsOptions.TargetHost"/> says something else.</param>
    /// <exception cref="ArgumentException">The host is empty.</exception>
    public TlsEndPoint(EndPoint address, string host)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentException.ThrowIfNullOrEmpty(host);
        Address = address;
        Host = host;
    }

    /// <summary>That of the address.</summary>
    public override AddressFamily AddressFamily => Address.AddressFamily;

    /// <summary>Where to connect.</summary>
    public EndPoint Address { get; }

    /// <summary>Whom the certificate must be for by default: a name, or an address without brackets.</summary>
    public string Host { get; }

    /// <summary>Whom to trust. Default: the defaults of the type.</summary>
    public ClientTlsOptions Options { get; init; } = new();

    /// <inheritdoc/>
    public override string? ToString() => Address.ToString();
}
