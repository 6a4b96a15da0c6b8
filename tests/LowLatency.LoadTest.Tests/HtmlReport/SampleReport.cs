using System.Text.Json.Nodes;

namespace LowLatency.LoadTest.Tests.HtmlReport;

/// <summary>Report files whose figures are known.</summary>
internal static class SampleReport
{
    /// <summary>A run of an open loop, some seconds long, with a tail and a hiccup in it.</summary>
    public static JsonObject Run(string label, double rate, int slower, bool isValid = true)
    {
        return new JsonObject
        {
            ["label"] = label,
            ["target"] = "tcp://127.0.0.1:8080",
            ["mode"] = "open-loop",
            ["threads"] = 1,
            ["duration_s"] = 4,
            ["warmup_s"] = 1,
            ["valid"] = isValid,
            ["invalid_reasons"] = isValid ? new JsonArray() : new JsonArray("the target took 90 % of the rate <&>"),
            ["workload"] = new JsonObject { ["rate"] = rate, ["framing"] = "none", ["request_bytes"] = 4, ["reply_bytes"] = 9 },
            ["connections"] = new JsonObject { ["requested"] = 1, ["established"] = 1 },
            ["outcomes"] = new JsonObject { ["attempted"] = 44_440, ["ok"] = 44_438, ["timeout"] = 2 },
            ["latency_us"] = Figures(slower),
            ["service_us"] = Figures(1),
            ["hiccup_us"] = new JsonObject { ["max"] = 350.5 },
            ["requests_per_second"] = rate,
            ["hiccups"] = new JsonObject { ["listed"] = new JsonArray(new JsonArray(2.5, 350.5)) },
            ["histogram_ns"] = Histogram(slower, 1_000),
            ["service_histogram_ns"] = Histogram(1, 1_000),
            ["intervals"] = new JsonArray([.. Enumerable.Range(0, 4).Select(second => new JsonObject
            {
                ["start_s"] = second,
                ["length_s"] = 1,
                ["ok"] = 11_110,
                ["failed"] = 0,
                ["histogram_ns"] = Histogram(slower, 250),
            })]),
        };
    }

    public static string Write(DirectoryInfo folder, string name, params JsonObject[] runs)
    {
        string file = Path.Combine(folder.FullName, name);
        File.WriteAllText(file, new JsonObject
        {
            ["schema"] = "lowlatency.loadtest/1",
            ["runs"] = new JsonArray([.. runs]),
            ["environment"] = new JsonObject { ["cpu_model"] = "A <CPU> & more", ["cpu_count"] = 2 },
        }.ToJsonString());
        return file;
    }

    private static JsonArray Histogram(int slower, int unit)
    {
        (int Microseconds, int Count)[] buckets = [(7, 10 * unit), (8, 30 * unit), (9, 4 * unit), (20, unit), (400, 5), (3_000, 1)];
        return [.. buckets.Select(bucket => new JsonArray(bucket.Microseconds * slower * 1_000, (bucket.Microseconds * slower * 1_000) + 63, bucket.Count))];
    }

    private static JsonObject Figures(int slower) => new()
    {
        ["min"] = 7.0 * slower,
        ["mean"] = 8.4 * slower,
        ["p50"] = 8.0 * slower,
        ["p90"] = 9.0 * slower,
        ["p99"] = 20.0 * slower,
        ["p99_9"] = 20.0 * slower,
        ["p99_99"] = null,
        ["max"] = 3_000.0 * slower,
    };
}
