using SharpFuzz;

namespace LowLatency.Fuzz.Driver;

/// <summary>A copy of this program whose assemblies tell which ways are taken through them.</summary>
internal static class Instrumentation
{
    // What other threads run all the time is left out: their ways say nothing about an input.
    private static readonly (string Assembly, string[] Types)[] Instrumented =
    [
        ("LowLatency.Core.dll", ["LowLatency.LineFraming", "LowLatency.LengthPrefixFraming", "LowLatency.NoFraming", "LowLatency.ReplyBuffer", "LowLatency.Internal.ResponderSession"]),
        ("LowLatency.Transports.dll", ["LowLatency.Transports.PipeEnds.", "LowLatency.Transports.SharedMemory.Internal.Ring", "LowLatency.Transports.SharedMemory.Internal.Handshake", "LowLatency.Transports.EndpointUrl"]),
        ("LowLatency.Service.dll", ["LowLatency.Service.Configuration.", "LowLatency.Service.CommandLine", "LowLatency.Service.Logging."]),
        ("loadtest.dll", ["LowLatency.LoadTest.CommandLine."]),
    ];

    /// <summary>Makes the copy.</summary>
    /// <returns>Its program.</returns>
    internal static string Prepare(string folder)
    {
        CopyProgram(AppContext.BaseDirectory, folder);
        foreach ((string assembly, string[] types) in Instrumented)
        {
            _ = Fuzzer.Instrument(
                Path.Combine(folder, assembly),
                name => types.Any(type => name.StartsWith(type, StringComparison.Ordinal)),
                Options.Value).ToArray();
        }

        return Path.Combine(folder, "LowLatency.Fuzz.dll");
    }

    private static void CopyProgram(string from, string to)
    {
        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy, overwrite: true);
        }
    }
}
