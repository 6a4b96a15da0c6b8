namespace LowLatency.LoadTest.Tests;

/// <summary>A program that a test needs and that may not be installed.</summary>
/// <remarks>Missing, it skips the test; where LOWLATENCY_REQUIRE_EXTERNALS is 1, it fails it.</remarks>
internal static class External
{
    private const string Requirement = "LOWLATENCY_REQUIRE_EXTERNALS";

    /// <summary>The program's path.</summary>
    public static string Require(string program, string package)
    {
        string? path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
            .Select(folder => Path.Join(folder, program))
            .FirstOrDefault(File.Exists);
        Assert.False(path is null && Environment.GetEnvironmentVariable(Requirement) == "1", $"{program} is missing (Debian package {package}), and {Requirement} is 1.");
        Assert.SkipWhen(path is null, $"{program} is missing (Debian package {package}).");
        return path!;
    }
}
