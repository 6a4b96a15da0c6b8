using LowLatency.Linux;

namespace LowLatency.LoadTest.CommandLine;

/// <summary>A file that a report goes to, whole or not at all.</summary>
/// <remarks>
/// It is written beside its place and then put there, so that a reader never sees half of it and an old one stays until the new
/// one is complete. What is no regular file, such as a pipe or <c>/dev/null</c>, is written where it stands.
/// </remarks>
internal sealed class FileDestination
{
    private readonly string _path;
    private readonly bool _isInPlace;

    /// <param name="option">The option that names it.</param>
    /// <param name="path">What the option says.</param>
    /// <param name="allowed">What the option takes.</param>
    /// <exception cref="UsageException">It cannot be written: a run is too long to find out only at its end.</exception>
    public FileDestination(string option, string path, string allowed = "a file that can")
    {
        try
        {
            _path = RealPath(path);
            _isInPlace = IsSpecial(_path);
            RequireWritable();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new UsageException($"{option}: '{path}' cannot be written; allowed: {allowed}");
        }
    }

    /// <summary>Writes the file.</summary>
    /// <exception cref="IOException">The disk is full, or the path has gone since.</exception>
    public void Write(Action<StreamWriter> write)
    {
        if (_isInPlace)
        {
            using var inPlace = new StreamWriter(_path);
            write(inPlace);
            return;
        }

        string temporary = TemporaryPath();
        try
        {
            using (var writer = new StreamWriter(temporary))
            {
                write(writer);
            }

            File.Move(temporary, _path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    // A link keeps its place and its target is replaced.
    private static string RealPath(string path)
        => new FileInfo(path).LinkTarget is null ? Path.GetFullPath(path) : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;

    private static bool IsSpecial(string path)
        => OperatingSystem.IsLinux() && FileStatus.TryGet(path, out FileStatus status) == Errno.None && !status.IsRegularFile && !Directory.Exists(path);

    private void RequireWritable()
    {
        if (_isInPlace)
        {
            // Not opened: that would wait for the other end of a pipe.
            return;
        }

        if (File.Exists(_path) || Directory.Exists(_path))
        {
            using FileStream old = File.Open(_path, FileMode.Open, FileAccess.Write);
        }

        string temporary = TemporaryPath();
        using FileStream file = new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
    }

    private string TemporaryPath()
        => Path.Combine(Path.GetDirectoryName(_path)!, $".{Path.GetFileName(_path)}.{Guid.NewGuid():N}.tmp");
}
