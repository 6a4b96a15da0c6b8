using System.Globalization;
using System.Text;
using LowLatency.Fuzz.Driver;
using LowLatency.Linux;
using LowLatency.LoadTest.CommandLine;

namespace LowLatency.Fuzz.Targets.Texts;

/// <summary>The load tester's own words: counts, times, bytes, CPUs.</summary>
internal sealed class LoadTestTextTarget() : FuzzTarget("loadtest-text", "k", "M", "ns", "us", "ms", "s", "m", ".", "0", "1e9", "999999999999999", @"\x00", @"\r\n", @"\0", @"\\", @"\xG", "@", ",", "0,1", "-1", "+1", " 1")
{
    public override void Run(FuzzInput input)
    {
        byte kind = input.Byte();
        string text = input.Text(int.MaxValue);
        switch (kind % 4)
        {
            case 0:
                ReadCount(text);
                break;
            case 1:
                ReadDuration(text);
                break;
            case 2 when !text.StartsWith('@'):
                ReadPayload(text);
                break;
            case 3:
                ReadCpus(text);
                break;
        }
    }

    private static void ReadCount(string text)
    {
        if (CountText.TryParse(text, out long count))
        {
            double unit = text[^1] switch { 'k' => 1e3, 'M' => 1e6, _ => 1 };
            double expected = double.Parse(unit > 1 ? text[..^1] : text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) * unit;
            Require(count >= 1 && Math.Abs(count - expected) <= expected * 1e-12, $"'{text}' is {expected} and not {count}.");
        }
    }

    private static void ReadDuration(string text)
    {
        if (!DurationText.TryParse(text, out TimeSpan time) || text == "0")
        {
            return;
        }

        string digits = text.TrimEnd('n', 'u', 'm', 's');
        double unit = text[digits.Length..] switch { "ns" => 1e-9, "us" => 1e-6, "ms" => 1e-3, "s" => 1, "m" => 60, var other => throw new FuzzException($"'{other}' is no unit.") };
        double expected = double.Parse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) * unit;
        Require(Math.Abs(time.TotalSeconds - expected) <= 1e-7 + (expected * 1e-12), $"'{text}' is {expected} s and not {time}.");
        // A decimal has 28 digits: what is smaller is zero.
        Require(expected < 1e-27 || time > TimeSpan.Zero, "A time that is not zero does not become zero.");
    }

    private static void ReadPayload(string text)
    {
        if (!PayloadText.TryParse(text, out byte[]? bytes, out string? error))
        {
            Require(!string.IsNullOrWhiteSpace(error), "A refusal says why.");
            return;
        }

        if (!text.Contains('\\', StringComparison.Ordinal))
        {
            Require(bytes.SequenceEqual(Encoding.UTF8.GetBytes(text)), "Text without escapes is its bytes.");
        }

        string escaped = string.Concat(bytes.Select(value => $"\\x{value:X2}"));
        Require(PayloadText.TryParse(escaped, out byte[]? again, out _) && again.SequenceEqual(bytes), "Bytes as escapes are the same bytes.");
    }

    private static void ReadCpus(string text)
    {
        if (CpuListText.TryParse(text, out int[]? cpus, out string? error))
        {
            Require(cpus.Length > 0 && cpus.All(CpuAffinity.Current.Contains), "CPUs that are taken can be used.");
        }
        else
        {
            Require(!string.IsNullOrWhiteSpace(error), "A refusal says why.");
        }
    }
}
