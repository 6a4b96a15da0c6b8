using System.Net;
using LowLatency.Transports;
using LowLatency.Transports.Tls;

namespace LowLatency.LoadTest.ServerSide;

/// <summary>Where the server tells of itself over HTTP.</summary>
/// <param name="Url">Its address, without a path.</param>
/// <param name="WasAskedFor">Whether the user named it; else it is the service's default one, and may as well be another service's, or nobody's.</param>
internal sealed record Sidecar(Uri Url, bool WasAskedFor)
{
    public const string Default = "http://127.0.0.1:9464";
    public const string Nobody = "none";
    public const string Allowed = $"an address such as {Default}, or {Nobody}";

    private const string MetricsPath = "/metrics";

    public Uri Metrics => new(Url, MetricsPath);

    /// <summary>The one to ask where the user has named none: the service's default one, if the target is on this machine.</summary>
    public static Sidecar? DefaultFor(EndpointUrl target)
        => (target.EndPoint is TlsEndPoint tls ? tls.Address : target.EndPoint) is not IPEndPoint ip || IPAddress.IsLoopback(ip.Address) ? new Sidecar(new Uri(Default), WasAskedFor: false) : null;

    /// <summary>Reads what the user has named.</summary>
    public static bool TryParse(string text, out Sidecar? sidecar)
    {
        sidecar = null;
        if (text == Nobody)
        {
            return true;
        }

        bool isUrl = Uri.TryCreate(text, UriKind.Absolute, out Uri? url)
            && url.Scheme is "http" or "https"
            && (url.AbsolutePath is "/" or MetricsPath)
            && url.Query.Length == 0;
        sidecar = isUrl ? new Sidecar(new Uri(url!.GetLeftPart(UriPartial.Authority)), WasAskedFor: true) : null;
        return isUrl;
    }
}
