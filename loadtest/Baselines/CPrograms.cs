using System.ComponentModel;
using System.Diagnostics;

namespace LowLatency.LoadTest.Baselines;

/// <summary>The C programs, built by the system's compiler for this one run, so that nobody has to trust a binary.</summary>
internal sealed class CPrograms : IDisposable
{
    public const string Server = "refserver";
    public const string Client = "refclient";
    public const string WithParent = "withparent";

    private static readonly string[] Tools = ["make", "gcc"];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("lowlatency-c-");

    private CPrograms()
    {
    }

    public string Folder => _folder.FullName;

    /// <summary>Builds them.</summary>
    /// <exception cref="IOException">They cannot be: the message is one line, with the remedy where there is one.</exception>
    public static CPrograms Build(string sources)
    {
        if (!File.Exists(Path.Combine(sources, "Makefile")))
        {
            throw new IOException($"the C programs' sources are not there ({sources}); name their folder by --sources");
        }

        foreach (string tool in Tools.Where(tool => !IsInstalled(tool)))
        {
            throw new IOException($"{tool} is missing, and the C programs cannot be built without it; install it (Debian: apt-get install gcc make libc6-dev)");
        }

        var programs = new CPrograms();
        try
        {
            programs.Make(sources);
            return programs;
        }
        catch
        {
            programs.Dispose();
            throw;
        }
    }

    private static bool IsInstalled(string program)
        => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Join(folder, program)));

    private void Make(string sources)
    {
        var start = new ProcessStartInfo("make", ["--silent", "-C", sources, $"OUT={Folder}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using Process make = Process.Start(start)!;
            Task<string> output = make.StandardOutput.ReadToEndAsync();
            string error = make.StandardError.ReadToEnd();
            make.WaitForExit();
            if (make.ExitCode != 0)
            {
                throw new IOException($"the C programs could not be built: {(error + output.Result).Trim()}");
            }
        }
        catch (Win32Exception e)
        {
            throw new IOException($"make could not be started: {e.Message}", e);
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
