using System.Globalization;
using System.Text;

namespace LowLatency.LoadTest.ServerSide;

/// <summary>Reads Prometheus's text format, as far as counters and sums need it.</summary>
internal static class PrometheusText
{
    /// <summary>The samples of a scrape.</summary>
    /// <exception cref="FormatException">It is no such text.</exception>
    public static IReadOnlyList<MetricSample> Parse(string scrape)
        => [.. scrape.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line[0] != '#')
            .Select(ParseLine)];

    private static MetricSample ParseLine(string line)
    {
        int nameEnd = line.AsSpan().IndexOfAny("{ \t");
        if (nameEnd <= 0)
        {
            throw new FormatException($"no metric: {line}");
        }

        int position = nameEnd;
        var labels = new Dictionary<string, string>();
        if (line[position] == '{')
        {
            position = ParseLabels(line, position + 1, labels);
        }

        // A timestamp may follow the value.
        string[] parts = line[position..].Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return parts.Length is 1 or 2
            ? new MetricSample(line[..nameEnd], labels, ParseValue(parts[0]))
            : throw new FormatException($"no value: {line}");
    }

    // Returns the position after the closing brace.
    private static int ParseLabels(string line, int position, Dictionary<string, string> labels)
    {
        while (position < line.Length && line[position] != '}')
        {
            int equals = line.IndexOf("=\"", position, StringComparison.Ordinal);
            if (equals < 0)
            {
                break;
            }

            string name = line[position..equals].Trim(' ', ',');
            labels[name] = ParseQuoted(line, equals + 2, out position);
            while (position < line.Length && line[position] is ',' or ' ')
            {
                position++;
            }
        }

        return position < line.Length && line[position] == '}' ? position + 1 : throw new FormatException($"no end of labels: {line}");
    }

    // Quotes, backslashes and line ends in a value have a backslash in front.
    private static string ParseQuoted(string line, int start, out int end)
    {
        var value = new StringBuilder();
        for (end = start; end < line.Length && line[end] != '"'; end++)
        {
            if (line[end] == '\\' && end + 1 < line.Length)
            {
                end++;
                value.Append(line[end] == 'n' ? '\n' : line[end]);
            }
            else
            {
                value.Append(line[end]);
            }
        }

        end = end < line.Length ? end + 1 : throw new FormatException($"no end of a label: {line}");
        return value.ToString();
    }

    private static double ParseValue(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture),
    };
}
