using System.Net;

namespace LowLatency.Service.Configuration;

/// <summary>Where the sidecar listens: <c>http://ADDRESS:PORT</c>.</summary>
internal sealed record SidecarUrl(IPEndPoint EndPoint)
{
    internal const string Key = "LowLatency:Sidecar:Url";
    internal const string Allowed = "http://ADDRESS:PORT (ADDRESS: IPv4, [IPv6] or localhost), or \"\" for none";

    internal static SidecarUrl? TryParse(string text)
        => Uri.TryCreate(text, UriKind.Absolute, out Uri? uri)
            && uri.Scheme == Uri.UriSchemeHttp
            && uri.PathAndQuery == "/"
            && Address(uri) is IPAddress address
                ? new SidecarUrl(new IPEndPoint(address, uri.Port))
                : null;

    private static IPAddress? Address(Uri uri) => uri.HostNameType switch
    {
        UriHostNameType.Dns when uri.Host == "localhost" => IPAddress.Loopback,
        UriHostNameType.IPv4 or UriHostNameType.IPv6 => IPAddress.Parse(uri.Host.Trim('[', ']')),
        _ => null,
    };
}
