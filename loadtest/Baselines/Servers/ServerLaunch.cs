namespace LowLatency.LoadTest.Baselines.Servers;

/// <summary>A command line, and how the process shows that it listens.</summary>
/// <param name="Command">Program and arguments.</param>
internal sealed record ServerLaunch(IReadOnlyList<string> Command)
{
    /// <summary>Environment variables on top of this process's.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Where it says over HTTP that it is ready; <c>null</c> when it prints <c>ready</c>.</summary>
    public Uri? Health { get; init; }
}
