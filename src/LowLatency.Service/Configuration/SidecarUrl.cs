using System.Net;
using LowLatency.Transports;

namespace LowLatency.Service.Configuration;

/// <summary>Where the sidecar listens: <c>http://ADDRESS:PORT</c>.</summary>
internal sealed record SidecarUrl(IPEndPoint EndPoint)
{
    internal const string Key = "LowLatency:Sidecar:Url";
    internal const string Allowed = "http://ADDRESS:PORT (ADDRESS: IPv4, [IPv6] or localhost), or \"\" for none";

    private const string Scheme = "http://";

    // Read as the other endpoints are: Uri takes users, fragments and numbers for addresses.
    internal static SidecarUrl? TryParse(string text)
    {
        if (!text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        string address = text[Scheme.Length..];
        address = address.EndsWith('/') ? address[..^1] : address;
        return !address.StartsWith('*') && EndpointUrl.TryParse($"tcp://{address}", out EndpointUrl? url, out _) && url.EndPoint is IPEndPoint endPoint
            ? new SidecarUrl(endPoint)
            : null;
    }
}
