namespace LowLatency.LoadTest.Baselines.Servers;

/// <summary>A server that can be measured, and how it is started. Equal servers are the same one: it is started once.</summary>
internal abstract record Server
{
    /// <summary>How it is called in tables.</summary>
    public abstract string Title { get; }

    /// <summary>What it answers to what; the same for every connection.</summary>
    public virtual Dialogue Dialogue => Dialogue.Raw;

    /// <summary>The command that starts it on some endpoints.</summary>
    public abstract ServerLaunch Launch(LaunchSite site);

    public sealed override string ToString() => Title;
}
