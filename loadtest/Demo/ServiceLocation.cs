using System.Reflection;
using System.Runtime.InteropServices;

namespace LowLatency.LoadTest.Demo;

/// <summary>Where the service's assembly is, and the program that starts it.</summary>
internal static class ServiceLocation
{
    /// <summary>The service as the build has put it, next to the tester in the source tree.</summary>
    public static string Built
        => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, Metadata("ServicePath")));

    /// <summary>The same.</summary>
    /// <exception cref="IOException">It has not been built.</exception>
    public static string RequireBuilt()
        => File.Exists(Built) ? Built : throw new IOException($"the service has not been built ({Built}); build it, or name it");

    /// <summary>The folder of the C programs' sources, in the source tree.</summary>
    public static string ReferenceSources
        => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, Metadata("ReferenceSourcesPath")));

    /// <summary>The command that starts this program once more.</summary>
    public static IReadOnlyList<string> ThisProgram
        => typeof(ServiceLocation).Assembly.Location is { Length: > 0 } assembly ? [DotnetHost, assembly] : [Environment.ProcessPath!];

    /// <summary>The <c>dotnet</c> that runs this process, so that both run on the same runtime.</summary>
    public static string DotnetHost
    {
        get
        {
            if (Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host)
            {
                return host;
            }

            // <root>/shared/Microsoft.NETCore.App/<version>/
            string root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
            string muxer = Path.Combine(root, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet");
            return File.Exists(muxer) ? muxer : "dotnet";
        }
    }

    /// <summary>The command that starts a service: its assembly by the host, a native executable by itself.</summary>
    public static IReadOnlyList<string> CommandFor(string service)
        => service.EndsWith(".dll", StringComparison.OrdinalIgnoreCase) ? [DotnetHost, service] : [service];

    private static string Metadata(string key)
        => typeof(ServiceLocation).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(entry => entry.Key == key).Value!;
}
