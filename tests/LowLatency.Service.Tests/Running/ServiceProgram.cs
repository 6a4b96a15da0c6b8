using System.Diagnostics;

namespace LowLatency.Service.Tests.Running;

/// <summary>The service as it was built with these tests, and how to start it.</summary>
internal static class ServiceProgram
{
    internal static string Root { get; } = FindRoot();

    // tests/X/bin/Debug/net10.0/ -> Debug/net10.0
    private static string Flavour { get; } = Path.Join(
        Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd('/'))),
        Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')));

    private static string Library { get; } = Path.Join(Root, "src/LowLatency.Service/bin", Flavour, "LowLatency.Service.dll");

    /// <summary>Settings that put endpoints on a transport.</summary>
    internal static string[] Transport(string transport, params string[] endpoints)
        => [.. endpoints.Select(endpoint => $"--LowLatency:Endpoints:{endpoint}:Transport={transport}")];

    internal static ProcessStartInfo StartInfo(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        string host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        var start = new ProcessStartInfo(host, [Library, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };

        // Off unless a test asks for it: those that bring no path of their own would meet at the default one.
        start.Environment["LowLatency__Endpoints__Shm__Url"] = "";
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return start;
    }

    /// <summary>Has another program start it, such as one that takes privileges away.</summary>
    internal static ProcessStartInfo Under(IReadOnlyList<string> wrapper, ProcessStartInfo start)
    {
        if (wrapper.Count > 0)
        {
            string[] arguments = [.. wrapper.Skip(1), start.FileName, .. start.ArgumentList];
            start.FileName = wrapper[0];
            start.ArgumentList.Clear();
            Array.ForEach(arguments, start.ArgumentList.Add);
        }

        return start;
    }

    /// <summary>Runs the service where it is expected to end by itself.</summary>
    internal static async Task<(int ExitCode, string[] Lines)> RunToItsEndAsync(
        IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, params string[] wrapper)
    {
        (int exitCode, string output) = await External.RunAsync(Under(wrapper, StartInfo(arguments, environment)));
        return (exitCode, output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Join(folder.FullName, "LowLatency.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException("The tests do not run inside the repository.");
    }
}
