using System.Diagnostics;
using LowLatency.LoadTest.CommandLine;
using LowLatency.LoadTest.Demo;

namespace LowLatency.LoadTest.Tests.Live;

/// <summary>The tester on a pseudo-terminal of its own, with a person in front of it who can press Ctrl+C.</summary>
internal sealed class TerminalSession : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _script;
    private readonly char[] _buffer = new char[4096];

    private TerminalSession(Process script) => _script = script;

    public TerminalScreen Screen { get; } = new();

    /// <summary>Starts it. Where the program that makes pseudo-terminals is missing, the test is skipped.</summary>
    public static TerminalSession Start(params string[] arguments)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Other systems' script takes other options.");
        string script = External.Require("script", "bsdutils");
        string[] command = [ServiceLocation.DotnetHost, typeof(ExitCode).Assembly.Location, .. arguments];
        string line = $"stty rows 50 cols 150; exec {string.Join(' ', command.Select(word => $"'{word}'"))}";
        var start = new ProcessStartInfo(script, ["-qec", line, "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["TERM"] = "xterm-256color";
        return new TerminalSession(Process.Start(start)!);
    }

    public void PressControlC()
    {
        _script.StandardInput.Write('\u0003');
        _script.StandardInput.Flush();
    }

    /// <summary>Watches until the screen shows something.</summary>
    /// <param name="isThere">Whether it does.</param>
    /// <returns>The screen at that moment.</returns>
    public string WatchUntil(Func<string, bool> isThere)
    {
        while (!isThere(Screen.Text))
        {
            Assert.True(Read(), $"It has ended and never showed that. It shows:\n{Screen.Text}");
        }

        return Screen.Text;
    }

    /// <summary>Watches to the end.</summary>
    /// <returns>The exit code.</returns>
    public int WatchToTheEnd()
    {
        while (Read())
        {
        }

        Assert.True(_script.WaitForExit(Patience), "The tester does not end.");
        return _script.ExitCode;
    }

    private bool Read()
    {
        Task<int> reading = _script.StandardOutput.ReadAsync(_buffer, 0, _buffer.Length);
        Assert.True(reading.Wait(Patience), $"Nothing more comes. It shows:\n{Screen.Text}");
        Screen.Write(new string(_buffer, 0, reading.Result));
        return reading.Result > 0;
    }

    public void Dispose()
    {
        if (!_script.HasExited)
        {
            _script.Kill(entireProcessTree: true);
        }

        _script.Dispose();
    }
}
