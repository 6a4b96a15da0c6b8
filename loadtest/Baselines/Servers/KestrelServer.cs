using System.Globalization;
using LowLatency.LoadTest.CommandLine;
using LowLatency.LoadTest.Demo;
using LowLatency.LoadTest.ReferenceServer;

namespace LowLatency.LoadTest.Baselines.Servers;

/// <summary>A Kestrel of the tester's own: a few lines of application on a transport.</summary>
/// <param name="Transport">One of <see cref="ReferenceTransport"/>'s words.</param>
/// <param name="Application">One of <see cref="ReferenceApplication"/>'s words.</param>
internal sealed record KestrelServer(string Transport, string Application) : Server
{
    // As the web template has it, and unlike the tester that plays the server here.
    private static readonly Dictionary<string, string> CollectorOfWebApplications = new()
    {
        ["DOTNET_gcServer"] = "1",
        ["DOTNET_gcConcurrent"] = "1",
    };

    public override string Title => Transport == "default" ? "Kestrel default" : $"Kestrel {Transport}";

    public override Dialogue Dialogue => Application == "http" ? Dialogue.Http : Dialogue.Raw;

    public override ServerLaunch Launch(LaunchSite site)
    {
        string[] command = [
            .. ServiceLocation.ThisProgram, ReferenceServerCommand.Name,
            "--transport", Transport,
            "--app", Application,
            "--tcp", site.Endpoints.Tcp.Text,
            "--unix", site.Endpoints.Unix.Text,
            "--shm", site.Endpoints.Shm.Text];
        if (site.Cpus.BusyServerCpu is int cpu)
        {
            command = [.. command, "--cpu", cpu.ToString(CultureInfo.InvariantCulture)];
        }

        return new ServerLaunch(command) { Environment = CollectorOfWebApplications };
    }
}
