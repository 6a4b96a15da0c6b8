using System.Globalization;

namespace LowLatency.Service.Configuration;

/// <summary>Reads one section key by key, and reports every value that is not allowed and every key that nobody asked for.</summary>
/// <remarks>The framework's binder converts, but its errors do not say what is allowed, and it passes over a misspelt key.</remarks>
internal sealed class SectionReader(IConfigurationSection section, ConfigurationProblems problems)
{
    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);
    private bool _takesValue;

    internal IEnumerable<IConfigurationSection> Children => section.GetChildren();

    /// <summary>Whether a value stands where the keys of the section belong.</summary>
    internal bool IsValue => section.Value is not null;

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
        string? joined = Values(name, out IEnumerable<IConfigurationSection> entries);
        IEnumerable<string?> values = entries.Select(entry => entry.Value).Concat(string.IsNullOrEmpty(joined) ? [] : joined.Split(','));
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
        string? joined = Values(name, out IEnumerable<IConfigurationSection> entries);
        return [.. entries.Select(entry => entry.Value ?? "").Concat(string.IsNullOrEmpty(joined) ? [] : joined.Split(',', StringSplitOptions.TrimEntries))];
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
        return string.IsNullOrEmpty(value) ? otherwise : Named<T>(value) ?? Refuse(name, value, Names<T>(), otherwise);
    }

    /// <summary>The choice that stands for the whole section, where one is taken in the place of its keys.</summary>
    internal T OwnChoice<T>(T otherwise)
        where T : struct, Enum
    {
        _takesValue = true;
        if (string.IsNullOrEmpty(section.Value))
        {
            return otherwise;
        }

        if (Named<T>(section.Value) is T choice)
        {
            return choice;
        }

        problems.Add(section.Path, section.Value, Names<T>());
        return otherwise;
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

    /// <summary>Whether a key is there, be it <c>null</c>, empty or <c>{}</c>.</summary>
    internal bool IsPresent(string name) => section.GetChildren().Any(child => child.Key.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Reports the keys that are set and that nobody has read, and a value in the place of all keys.</summary>
    internal void RefuseUnknownKeys()
    {
        string known = string.Join(", ", _known.Order());
        foreach (IConfigurationSection child in section.GetChildren().Where(child => !_known.Contains(child.Key)))
        {
            problems.Add(child.Path, $"no such key; allowed: {known}");
        }

        if (!_takesValue)
        {
            RefuseValue($"keys below it ({known})");
        }
    }

    /// <summary>Reports a value where there can only be keys below.</summary>
    internal void RefuseValue(string allowed)
    {
        if (section.Value is string value)
        {
            problems.Add(section.Path, value, allowed);
        }
    }

    private static T? Named<T>(string value)
        where T : struct, Enum
    {
        // By name only: Enum.TryParse would take any number.
        string? name = Enum.GetNames<T>().FirstOrDefault(candidate => candidate.Equals(value, StringComparison.OrdinalIgnoreCase));
        return name is null ? null : Enum.Parse<T>(name);
    }

    private static string Names<T>()
        where T : struct, Enum
        => string.Join(", ", Enum.GetNames<T>());

    private string? Value(string name)
    {
        _known.Add(name);
        IConfigurationSection scalar = section.GetSection(name);
        RefuseKeysBelow(scalar);
        return scalar.Value;
    }

    private string? Values(string name, out IEnumerable<IConfigurationSection> entries)
    {
        _known.Add(name);
        IConfigurationSection list = section.GetSection(name);
        entries = list.GetChildren();
        foreach (IConfigurationSection entry in entries)
        {
            RefuseKeysBelow(entry);
        }

        // One of them from the file and the other from the command line would add up, where the latter was to take the former's place.
        if (!string.IsNullOrEmpty(list.Value) && entries.Any())
        {
            problems.Add(list.Path, $"set both as the value '{list.Value}' and entry by entry ({string.Join(", ", entries.Select(entry => entry.Path))}); set it in one way");
        }

        return list.Value;
    }

    private void RefuseKeysBelow(IConfigurationSection scalar)
    {
        foreach (IConfigurationSection child in scalar.GetChildren())
        {
            problems.Add(child.Path, $"no such key; allowed: a value for {scalar.Path} itself");
        }
    }
}
