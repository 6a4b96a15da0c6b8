using System.Diagnostics;
using System.Security.Cryptography;
using LowLatency.Fuzz.Targets;

namespace LowLatency.Fuzz.Driver;

/// <summary>Fuzzes one target: runs its corpus, then changes of it, and keeps whatever takes a new way.</summary>
internal sealed class FuzzWorker : IDisposable
{
    private static readonly TimeSpan ShrinkFor = TimeSpan.FromSeconds(3);

    private readonly FuzzOptions _options;
    private readonly FuzzInput _input = new();
    private readonly Coverage _coverage = new();
    private readonly IFuzzTarget _target;
    private readonly List<byte[]> _corpus = [];
    private Exception? _failure;

    internal FuzzWorker(string target, FuzzOptions options)
    {
        // After the coverage: what is instrumented writes to its map from the first call on.
        _target = AllTargets.Create(target);
        _options = options;
    }

    /// <summary>Runs one input, and says what came of it.</summary>
    internal bool Try(byte[] bytes)
    {
        byte[] input = _options.Input!.EndsWith(".last", StringComparison.Ordinal) ? LastInput.Read(bytes) : bytes;
        bool fine = Passes(input);
        Console.WriteLine(fine ? $"{_target.Name}: fine" : $"{_target.Name}: {_failure}");
        return fine;
    }

    /// <summary>Fuzzes until the time is over or something is found.</summary>
    internal bool Fuzz()
    {
        var random = new Random(_options.Seed);
        var mutator = new Mutator(random, _target.Dictionary);
        var clock = Stopwatch.StartNew();
        long runs = 0;
        using var last = new LastInput(_options.Save, _target.Name, capacity: 64 * 1024);
        foreach (byte[] input in Seeds())
        {
            last.Set(input);
            if (!PassesAndLearns(input))
            {
                return Report(input, runs);
            }

            runs++;
        }

        int seeds = _corpus.Count;
        while (clock.Elapsed < _options.Limit)
        {
            byte[] input = mutator.Mutate(_corpus[random.Next(_corpus.Count)], _corpus[random.Next(_corpus.Count)]);
            last.Set(input);
            if (!PassesAndLearns(input))
            {
                return Report(input, runs);
            }

            runs++;
        }

        if (_coverage.Ways == 0)
        {
            Console.WriteLine($"{_target.Name}: FAILED: nothing is instrumented that it reaches");
            return false;
        }

        Console.WriteLine($"{_target.Name}: nothing found by {runs} inputs in {clock.Elapsed.TotalSeconds:F1} s, {Environment.CpuUsage.TotalTime.TotalSeconds:F1} of CPU, seed {_options.Seed}; {_coverage.Ways} ways, corpus {seeds} -> {_corpus.Count}");
        return true;
    }

    public void Dispose() => _target.Dispose();

    private IEnumerable<byte[]> Seeds()
    {
        yield return [];
        string[] corpora = [Path.Combine(AppContext.BaseDirectory, "Corpus"), .. _options.Keep is string kept ? (string[])[kept] : []];
        foreach (string folder in corpora.Select(corpus => Path.Combine(corpus, _target.Name)).Where(Directory.Exists))
        {
            foreach (string file in Directory.GetFiles(folder).Order(StringComparer.Ordinal))
            {
                yield return File.ReadAllBytes(file);
            }
        }
    }

    private bool PassesAndLearns(byte[] input)
    {
        _coverage.Begin();
        bool passes = Passes(input);
        if (_coverage.End() || _corpus.Count == 0)
        {
            _corpus.Add(input);
            Keep(input);
        }

        return passes;
    }

    private void Keep(byte[] input)
    {
        if (_options.Keep is string folder)
        {
            Save(Path.Combine(folder, _target.Name), Name(input), input);
        }
    }

    private bool Passes(byte[] input)
    {
        _input.Reset(input);
        try
        {
            _target.Run(_input);
            return true;
        }
#pragma warning disable CA1031 // Any exception is a finding.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _failure = exception;
            return false;
        }
    }

    private bool Report(byte[] input, long runs)
    {
        byte[] smallest = Shrink(input);
        _ = Passes(smallest);
        string path = Save(_options.Save, $"{_target.Name}-{Name(smallest)}", smallest);
        Console.WriteLine($"{_target.Name}: FOUND after {runs} inputs, seed {_options.Seed}, saved as {path}\n{Convert.ToBase64String(smallest)}\n{_failure}");
        return false;
    }

    /// <summary>Leaves out what the failure does not need.</summary>
    private byte[] Shrink(byte[] input)
    {
        string kind = _failure!.GetType().Name;
        var clock = Stopwatch.StartNew();
        for (int piece = input.Length / 2; piece > 0; piece /= 2)
        {
            for (int at = 0; at + piece <= input.Length && clock.Elapsed < ShrinkFor;)
            {
                byte[] shorter = [.. input[..at], .. input[(at + piece)..]];
                if (!Passes(shorter) && _failure.GetType().Name == kind)
                {
                    input = shorter;
                }
                else
                {
                    at += piece;
                }
            }
        }

        return input;
    }

    private static string Save(string folder, string name, byte[] input)
    {
        Directory.CreateDirectory(folder);
        string path = Path.GetFullPath(Path.Combine(folder, name));
        File.WriteAllBytes(path, input);
        return path;
    }

    private static string Name(byte[] input) => Convert.ToHexStringLower(SHA256.HashData(input))[..12];
}
