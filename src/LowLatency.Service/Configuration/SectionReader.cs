using System.Globalization;

namespace LowLatency.Service.Configuration;

/// <summary>Reads one section key by key, and reports every value that is not allowed and every key that nobody asked for.</summary>
/// <remarks>The framework's binder converts, but its errors do not say what is allowed, and it passes over a misspelt key.</remarks>
internal sealed class SectionReader(IConfigurationSection section, ConfigurationProblems problems)
{
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);

    internal IEnumerable<IConfigurationSection> Children => section.GetChildren();

    internal SectionReader Section(string name)
    {
        _known.Add(name);
        return new SectionReader(section.GetSection(name), problems);
    }

    internal string Text(string name, string otherwise) => Value(name) ?? otherwise;

    internal bool Flag(string name, bool otherwise)
    {
        string? value = Value(name);
        if (string.IsNullOrEmpty(value))
        {
            return otherwise;
        }

        return bool.TryParse(value, out bool flag) ? flag : Refuse(name, value, "true, false", otherwise);
    }

    internal int Number(string name, int otherwise, int least, int greatest = int.MaxValue)
        => OptionalNumber(name, least, greatest) ?? otherwise;

    /// <summary>A number that may be absent, <c>null</c> or empty.</summary>
    internal int? OptionalNumber(string name, int least, int greatest = int.MaxValue)
    {
        string? value = Value(name);
        if (string.IsNullOrEmpty(value))
        {
            return null;
        }

        return int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= least && number <= greatest
            ? number
            : Refuse<int?>(name, value, $"a whole number from {least} to {greatest}", null);
    }

    /// <summary>A list of numbers: an array in JSON, <c>Name:0</c>, <c>Name:1</c> elsewhere, or one value with commas.</summary>
    internal List<int> Numbers(string name, int least, int greatest)
    {
        string? joined = Value(name);
        IEnumerable<string?> values = section.GetSection(name).GetChildren().Select(child => child.Value)
            .Concat(string.IsNullOrEmpty(joined) ? [] : joined.Split(','));
        var numbers = new List<int>();
        foreach (string? value in values)
        {
            if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number >= least && number <= greatest)
            {
                numbers.Add(number);
            }
            else
            {
                Refuse(name, value, $"whole numbers from {least} to {greatest}, such as 1,2", 0);
            }
        }

        return numbers;
    }

    /// <summary>A list of texts, written as a list of numbers is.</summary>
    internal List<string> Texts(string name)
    {
        string? joined = Value(name);
        return [.. section.GetSection(name).GetChildren().Select(child => child.Value ?? "")
            .Concat(string.IsNullOrEmpty(joined) ? [] : joined.Split(',', StringSplitOptions.TrimEntries))];
    }

    internal TimeSpan Duration(string name, TimeSpan otherwise) => OptionalDuration(name, otherwise) ?? otherwise;

    /// <summary>A duration that is off when the key is there and <c>null</c> or empty.</summary>
    internal TimeSpan? OptionalDuration(string name, TimeSpan? otherwise)
    {
        string? value = Value(name);
        if (string.IsNullOrEmpty(value))
        {
            return IsPresent(name) ? null : otherwise;
        }

        // The format takes days or hours and minutes alone as well: 00:30 would be half an hour, and 1 a day.
        const int Colons = 2;
        return value.AsSpan().Count(':') == Colons && TimeSpan.TryParseExact(value, "c", CultureInfo.InvariantCulture, out TimeSpan duration) && duration > TimeSpan.Zero && duration <= TimeSpan.FromDays(1)
            ? duration
            : Refuse(name, value, "hh:mm:ss[.fff] above zero and up to a day, such as 00:00:10", otherwise);
    }

    internal T Choice<T>(string name, T otherwise)
        where T : struct, Enum
    {
        string? value = Value(name);
        if (string.IsNullOrEmpty(value))
        {
            return otherwise;
        }

        // By name only: Enum.TryParse would take any number.
        string[] names = Enum.GetNames<T>();
        int index = Array.FindIndex(names, candidate => candidate.Equals(value, StringComparison.OrdinalIgnoreCase));
        return index >= 0 ? Enum.Parse<T>(names[index]) : Refuse(name, value, string.Join(", ", names), otherwise);
    }

    internal T Refuse<T>(string name, string? value, string allowed, T otherwise)
    {
        problems.Add($"{section.Path}:{name}", value, allowed);
        return otherwise;
    }

    /// <summary>Reports what is wrong with a key, other than its value alone.</summary>
    internal void Report(string name, string problem) => problems.Add($"{section.Path}:{name}", problem);

    /// <summary>Whether a key is set, and not to nothing.</summary>
    internal bool IsSet(string name) => !string.IsNullOrEmpty(section[name]) || section.GetSection(name).GetChildren().Any();

    /// <summary>Reports the keys that are set and that nobody has read.</summary>
    internal void RefuseUnknownKeys()
    {
        foreach (IConfigurationSection child in section.GetChildren().Where(child => !_known.Contains(child.Key)))
        {
            problems.Add(child.Path, $"no such key; allowed: {string.Join(", ", _known.Order())}");
        }
    }

    private string? Value(string name)
    {
        _known.Add(name);
        return section[name];
    }

    private bool IsPresent(string name) => section.GetChildren().Any(child => child.Key.Equals(name, StringComparison.OrdinalIgnoreCase));
}
