namespace LowLatency.Service.Tests.Running;

/// <summary>A folder for one test, short enough to hold Unix sockets.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    internal string Path { get; } = Directory.CreateTempSubdirectory("ll-").FullName;

    internal string File(string name) => System.IO.Path.Join(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
