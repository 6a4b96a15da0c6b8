using System.Reflection;
using System.Runtime.InteropServices;

namespace LowLatency.LoadTest.Demo;

/// <summary>Where the service's assembly is, and the program that starts it.</summary>
internal static class ServiceLocation
{
    /// <summary>The service as the build has put it, next to the tester in the source tree.</summary>
    public static string Built
        => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, Metadata("ServicePath")));

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

    private static string Metadata(string key)
        => typeof(ServiceLocation).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(entry => entry.Key == key).Value!;
}
