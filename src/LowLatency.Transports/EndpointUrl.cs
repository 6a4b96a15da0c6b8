using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using LowLatency.Transports.SharedMemory;
using LowLatency.Transports.Tls;

namespace LowLatency.Transports;

/// <summary>
/// An endpoint as users write it: <c>tcp://127.0.0.1:8080</c>, <c>tcp://[::1]:8080</c>, <c>unix:///tmp/a.sock</c>,
/// <c>shm:///tmp/b.sock</c>; for clients also <c>tls://127.0.0.1:8443</c>.
/// </summary>
/// <remarks>
/// The same text names a place to listen on for the service and a target for clients, but for <c>tls</c>: that is a target only, and
/// the service listens on <c>tcp</c> with a certificate configured beside it.
/// </remarks>
public sealed record EndpointUrl
{
    private const string AllowedForms = "tcp://ADDRESS:PORT (ADDRESS: IPv4, [IPv6], localhost or *) or unix:///absolute/path or shm:///absolute/path, and for clients tls://ADDRESS:PORT";

    private EndpointUrl(string scheme, EndPoint endPoint, string text) => (Scheme, EndPoint, Text) = (scheme, endPoint, text);

    /// <summary><c>tcp</c>, <c>unix</c>, <c>shm</c> or <c>tls</c>; but for the last, the value of the metrics' label <c>network_transport</c>.</summary>
    public string Scheme { get; }

    /// <summary>The address: an <see cref="IPEndPoint"/>, a <see cref="UnixDomainSocketEndPoint"/>, a <see cref="SharedMemoryEndPoint"/> or a <see cref="TlsEndPoint"/>.</summary>
    public EndPoint EndPoint { get; }

    /// <summary>The URL as it was written.</summary>
    public string Text { get; }

    /// <summary>Reads a URL.</summary>
    /// <param name="text">What the user wrote.</param>
    /// <param name="url">The endpoint.</param>
    /// <param name="error">What is wrong and what is allowed, for a message of one line.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out EndpointUrl? url, [NotNullWhen(false)] out string? error)
    {
        url = null;
        error = null;
        text ??= "";
        if (text.Any(char.IsControl))
        {
            // A path would end at a NUL for the kernel, and a message at a line feed for the reader.
            error = $"'{string.Concat(text.Select(character => char.IsControl(character) ? '?' : character))}' holds control characters; allowed: {AllowedForms}";
            return false;
        }

        int colon = text.IndexOf("://", StringComparison.Ordinal);
        if (colon < 0)
        {
            error = $"'{text}' is not an endpoint URL; allowed: {AllowedForms}";
            return false;
        }

        string rest = text[(colon + 3)..];
        EndPoint? endPoint = text[..colon] switch
        {
            "tcp" => ParseTcp(rest, out error),
            "tls" => ParseTls(rest, out error),
            "unix" => ParsePath(rest, out error) ? new UnixDomainSocketEndPoint(rest) : null,
            "shm" => ParsePath(rest, out error) ? new SharedMemoryEndPoint(rest) : null,
            var scheme => Fail($"'{scheme}://' is not a scheme of this version", out error),
        };
        if (endPoint is null)
        {
            error = $"'{text}': {error}; allowed: {AllowedForms}";
            return false;
        }

        url = new EndpointUrl(text[..colon], endPoint, text);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static TlsEndPoint? ParseTls(string rest, out string? error)
    {
        if (rest.StartsWith("*:", StringComparison.Ordinal))
        {
            error = "'*' is no address to connect to";
            return null;
        }

        // The zone of a link-local address means something on this machine only, and so stands in nobody's certificate.
        return ParseTcp(rest, out error) is IPEndPoint address
            ? new TlsEndPoint(address, rest.StartsWith("localhost:", StringComparison.Ordinal) ? "localhost" : new IPAddress(address.Address.GetAddressBytes()).ToString())
            : null;
    }

    private static EndPoint? ParseTcp(string rest, out string? error)
    {
        int colon = rest.LastIndexOf(':');
        if (colon < 0 || !int.TryParse(rest.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port) || port > IPEndPoint.MaxPort)
        {
            return Fail("a port from 0 to 65535 is missing", out error);
        }

        string host = rest[..colon];
        if (host is "*")
        {
            error = null;
            return new IPEndPoint(Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, port);
        }

        if (host is "localhost")
        {
            error = null;
            return new IPEndPoint(IPAddress.Loopback, port);
        }

        bool bracketed = host.StartsWith('[') && host.EndsWith(']');
        string literal = bracketed ? host[1..^1] : host;
        if (!AddressText.TryParse(literal, out IPAddress? address) || (address.AddressFamily == AddressFamily.InterNetworkV6) != bracketed)
        {
            return Fail($"'{host}' is not an IP address", out error);
        }

        error = null;
        return new IPEndPoint(address, port);
    }

    private static bool ParsePath(string path, out string? error)
    {
        if (!path.StartsWith('/') || path.EndsWith('/'))
        {
            error = "the path is not absolute or names no file";
            return false;
        }

        // sockaddr_un holds 108 bytes, of which the last is a terminator.
        if (System.Text.Encoding.UTF8.GetByteCount(path) > 107)
        {
            error = "the path is longer than the 107 bytes of a socket address";
            return false;
        }

        error = null;
        return true;
    }

    private static EndPoint? Fail(string why, out string? error)
    {
        error = why;
        return null;
    }
}
