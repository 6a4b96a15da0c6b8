namespace LowLatency.LoadTest.Machine;

/// <summary>Reads the one-line files in which the kernel tells of itself.</summary>
internal static class SystemFile
{
    /// <summary>Its contents without the line's end, or <c>null</c> where there is none or it is not told.</summary>
    public static string? Read(string path)
    {
        try
        {
            return File.Exists(path) && File.ReadAllText(path).Trim() is { Length: > 0 } text ? text : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
