using System.Diagnostics;
using System.Runtime.Versioning;
using LowLatency.Service.Tests.Running;
using LowLatency.Service.Tests.Startup;
using Xunit;

namespace LowLatency.Service.Tests.Configuration;

/// <summary>A copy of the real program, with an appsettings.json of its own.</summary>
[SupportedOSPlatform("linux")]
public sealed class SettingsFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task One_that_may_not_be_read_is_named_in_one_line()
    {
        Write("{}");
        File.SetUnixFileMode(_folder.File("appsettings.json"), UnixFileMode.None);
        await AssertRefusedAsync($"Access to the path '{_folder.File("appsettings.json")}' is denied.", PermissionTests.Unprivileged());
    }

    [Fact]
    public async Task One_that_is_no_JSON_is_named_in_one_line()
    {
        Write("{ oops }");
        await AssertRefusedAsync($"'{_folder.File("appsettings.json")}'");
    }

    public void Dispose() => _folder.Dispose();

    private void Write(string settings)
    {
        string program = Path.GetDirectoryName(ServiceProgram.StartInfo([]).ArgumentList[0])!;
        foreach (string file in Directory.EnumerateFiles(program))
        {
            File.Copy(file, _folder.File(Path.GetFileName(file)));
        }

        File.WriteAllText(_folder.File("appsettings.json"), settings);
    }

    private async Task AssertRefusedAsync(string named, params string[] wrapper)
    {
        ProcessStartInfo start = ServiceProgram.StartInfo(["--check-config"]);
        start.ArgumentList[0] = _folder.File("LowLatency.Service.dll");
        (int exitCode, string output) = await External.RunAsync(ServiceProgram.Under(wrapper, start));
        Assert.Contains(named, Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Equal(2, exitCode);
    }
}
