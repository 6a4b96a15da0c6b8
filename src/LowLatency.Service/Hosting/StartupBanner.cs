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
            text.AppendLine($"  {endpoint.Name,-8} {url}  ({(endpoint.SharedMemory is null ? endpoint.Transport : "SharedMemory")}, framing {endpoint.Framing}{(endpoint.Tls is null ? "" : ", TLS")})");
        }

        if (sidecar is not null)
        {
            text.AppendLine($"  {"Sidecar",-8} {sidecar}  ({(options.MetricsEnabled ? SidecarSetup.MetricsPath + ", " : "")}{SidecarSetup.LivePath}, {SidecarSetup.ReadyPath})");
        }

        if (endpoints.Listening.Any())
        {
            text.AppendLine("Try it");
            AppendHints(text, endpoints);
        }

        return text.ToString();
    }

    // One line for what speaks to sockets, and one each for what speaks to sockets and to shared memory.
    private static void AppendHints(StringBuilder text, EndpointRegistry endpoints)
    {
        (EndpointOptions Endpoint, string Url) socket = endpoints.Listening.FirstOrDefault(each => each.Endpoint is { SharedMemory: null, Tls: null });
        (EndpointOptions Endpoint, string Url) sharedMemory = endpoints.Listening.FirstOrDefault(each => each.Endpoint.SharedMemory is not null);
        if (socket.Endpoint is not null)
        {
            text.AppendLine($"  {Netcat(socket.Endpoint, socket.Url)}");
        }

        foreach ((EndpointOptions endpoint, string url) in new[] { socket, sharedMemory }.Where(each => each.Endpoint is not null))
        {
            text.AppendLine($"  dotnet run -c Release --project loadtest -- run {url}{FramingOption(endpoint)}");
        }
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
