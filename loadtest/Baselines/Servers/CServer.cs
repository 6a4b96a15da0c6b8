namespace LowLatency.LoadTest.Baselines.Servers;

/// <summary>A program in C that does nothing else than receive and send: what the kernel allows.</summary>
/// <param name="Style">How it waits.</param>
/// <param name="Wire">The one endpoint that it has.</param>
internal sealed record CServer(string Style, Wire Wire) : Server
{
    public override string Title => $"C {Style}";

    public override ServerLaunch Launch(LaunchSite site) => new([
        Path.Combine(site.CPrograms, CPrograms.Server),
        "--listen", site.UrlOf(Wire).Text,
        "--style", Style]);
}
