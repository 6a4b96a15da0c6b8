using System.Collections.Concurrent;
using System.Diagnostics;
using LowLatency.Fuzz.Targets;

namespace LowLatency.Fuzz.Driver;

/// <summary>Starts a worker for each target, as many at once as there are CPUs, and outlives it: also what kills a process, or hangs it, is a finding with its input.</summary>
internal static class FuzzCommand
{
    private const int Fine = 0;
    private const int Found = 1;
    private const int WrongUsage = 2;

    // Starting, waiting for a thread at the very end, and making a finding smaller.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(90);

    internal static int Run(string[] args)
    {
        FuzzOptions? options = FuzzOptions.Parse(args);
        string[] targets = [.. AllTargets.Names.Where(name => options?.Target is "all" || options?.Target == name)];
        if (options is null || targets.Length == 0)
        {
            Console.Error.WriteLine(FuzzOptions.Usage + $"Targets: {string.Join(", ", AllTargets.Names)}");
            return WrongUsage;
        }

        if (options.Input is string input)
        {
            using var once = new FuzzWorker(targets[0], options);
            return once.Try(File.ReadAllBytes(input)) ? Fine : Found;
        }

        if (options.IsWorker)
        {
            using var worker = new FuzzWorker(targets[0], options);
            return worker.Fuzz() ? Fine : Found;
        }

        return Supervise(targets, options);
    }

    private static int Supervise(string[] targets, FuzzOptions options)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("lowlatency-fuzz-");
        try
        {
            string program = Instrumentation.Prepare(folder.FullName);
            var each = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount };
            int found = 0;
            Parallel.ForEach(Partitioner.Create(targets, EnumerablePartitionerOptions.NoBuffering), each, target =>
            {
                if (!Supervise(program, target, options))
                {
                    Interlocked.Increment(ref found);
                }
            });
            return found == 0 ? Fine : Found;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static bool Supervise(string program, string target, FuzzOptions options)
    {
        string host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";
        using Process worker = Process.Start(new ProcessStartInfo(host, [program, .. options.ForWorker(target)]))!;
        bool ended = worker.WaitForExit(options.Limit + Grace);
        if (!ended)
        {
            worker.Kill();
            worker.WaitForExit();
        }

        if (ended && worker.ExitCode is Fine or Found)
        {
            return worker.ExitCode == Fine;
        }

        Console.WriteLine($"{target}: the worker {(ended ? $"died with {worker.ExitCode}" : "hangs")}; its input is saved as {LastInput.PathOf(options.Save, target)}");
        return false;
    }
}
