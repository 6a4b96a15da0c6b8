using System.CommandLine;
using System.CommandLine.Parsing;

namespace LowLatency.LoadTest.CommandLine;

/// <summary>Makes options whose mistakes are one line that names the option and what it allows.</summary>
internal static class ParsedOption
{
    public delegate bool Parser<T>(string text, out T value);

    public delegate bool ExplainingParser<T>(string text, out T? value, out string? error);

    /// <summary>An option that takes whatever <paramref name="parse"/> takes.</summary>
    public static Option<T> Create<T>(string name, string[] aliases, string description, string helpName, string allowed, Parser<T> parse)
        => Create(name, aliases, description, helpName, (string text, out T? value, out string? error) =>
        {
            bool isGood = parse(text, out value!);
            error = isGood ? null : $"'{text}' is not allowed; allowed: {allowed}";
            return isGood;
        });

    /// <summary>An option whose parser knows best what was wrong.</summary>
    public static Option<T> Create<T>(string name, string[] aliases, string description, string helpName, ExplainingParser<T> parse)
        => new(name, aliases)
        {
            Description = description,
            HelpName = helpName,
            CustomParser = result => Parse(result, name, parse),
        };

    /// <summary>An option of one word out of several, whatever its case.</summary>
    public static Option<T?> OneOf<T>(string name, string description, IReadOnlyDictionary<string, T> words)
        where T : struct
        => Create(name, [], description, string.Join('|', words.Keys), string.Join(", ", words.Keys),
            (string text, out T? value) =>
            {
                bool isKnown = words.TryGetValue(text.ToLowerInvariant(), out T word);
                value = word;
                return isKnown;
            });

    private static T? Parse<T>(ArgumentResult result, string name, ExplainingParser<T> parse)
    {
        if (!parse(result.Tokens[0].Value, out T? value, out string? error))
        {
            result.AddError($"{name}: {error}");
        }

        return value;
    }
}
