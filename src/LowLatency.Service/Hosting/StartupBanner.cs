using System.Reflection;
using System.Text;
using LowLatency.Service.Configuration;
using LowLatency.Service.Endpoints;
using LowLatency.Service.Sidecar;

namespace LowLatency.Service.Hosting;

/// <summary>What the service prints once it listens: where, and how to drive it.</summary>
internal static class StartupBanner
{
    internal static string Version { get; } = typeof(StartupBanner).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

    internal static string Write(ServiceOptions options, EndpointRegistry endpoints, string? sidecar)
    {
        var text = new StringBuilder().AppendLine($"LowLatency {Version} listens on");
        foreach ((EndpointOptions endpoint, string url) in endpoints.Listening)
        {
            text.AppendLine($"  {endpoint.Name,-8} {url}  ({endpoint.Transport}, framing {endpoint.Framing})");
        }

        if (sidecar is not null)
        {
            text.AppendLine($"  {"Sidecar",-8} {sidecar}  ({(options.MetricsEnabled ? SidecarSetup.MetricsPath + ", " : "")}{SidecarSetup.LivePath}, {SidecarSetup.ReadyPath})");
        }

        (EndpointOptions Endpoint, string Url) first = endpoints.Listening.FirstOrDefault();
        if (first.Endpoint is not null)
        {
            text.AppendLine("Try it");
            text.AppendLine($"  {Netcat(first.Endpoint, first.Url)}");
            text.AppendLine($"  dotnet run -c Release --project loadtest -- run {first.Url}{FramingOption(first.Endpoint)}");
        }

        return text.ToString();
    }

    private static string FramingOption(EndpointOptions endpoint)
        => endpoint.Framing == Framing.None ? "" : $" --framing {endpoint.Framing.ToString().ToLowerInvariant()}";

    private static string Netcat(EndpointOptions endpoint, string url)
    {
        string message = endpoint.Framing switch
        {
            Framing.Line => @"hola\n",
            Framing.LengthPrefix => @"\0\0\0\4hola",
            _ => "hola",
        };
        string address = url[(url.IndexOf("://", StringComparison.Ordinal) + 3)..];
        string target = endpoint.Url.EndPoint is System.Net.IPEndPoint
            ? address[..address.LastIndexOf(':')].Trim('[', ']') + " " + address[(address.LastIndexOf(':') + 1)..]
            : "-U " + address;
        return $"printf '{message}' | nc -q1 {target}";
    }
}
