using System.Globalization;
using LowLatency.Service.Tests.Running;
using Xunit;

namespace LowLatency.Service.Tests.Faults;

/// <summary>A kernel that takes only some of the bytes of a send, and now and then none: the program in the folder of the same name.</summary>
internal static class ShortWrites
{
    private static readonly Lazy<Task<string>> Program = new(CompileAsync);

    /// <summary>What has a service run on it; the same for the same seed and the same order of sends.</summary>
    internal static async Task<string[]> WrapperAsync(int seed)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs Linux.");
        string program = await Program.Value;
        (int exitCode, string output) = await External.RunAsync(program, "0", "true");
        Assert.SkipUnless(exitCode == 0, $"The system calls of a process cannot be held here: {output.Trim()}");
        return [program, seed.ToString(CultureInfo.InvariantCulture)];
    }

    private static async Task<string> CompileAsync()
    {
        string source = Path.Join(AppContext.BaseDirectory, "Faults/ShortWrites/short_writes.c");
        string folder = Directory.CreateTempSubdirectory("lowlatency-short-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        string program = Path.Join(folder, "short_writes");
        (int exitCode, string output) = await External.RunAsync(External.Require("cc", "gcc"), "-O2", "-Wall", "-Wextra", "-Werror", "-o", program, source);
        Assert.True(exitCode == 0, output);
        return program;
    }
}
