using System.Diagnostics.CodeAnalysis;
using LowLatency.Transports;

namespace LowLatency.LoadTest.Comparing;

/// <summary>One of two things to be compared: a target that is there, or a service that is started for each of its runs.</summary>
/// <param name="Target">Where it is; <c>null</c> for a service to be started.</param>
/// <param name="Service">The service's program; <c>null</c> for the one built beside the tester.</param>
/// <param name="Settings">The service's settings, as <c>Key=Value</c> below <c>LowLatency</c>.</param>
internal sealed record Side(EndpointUrl? Target, string? Service, IReadOnlyList<string> Settings)
{
    public const string Allowed =
        "an endpoint URL such as tcp://127.0.0.1:8080, or what the service is started with: settings such as Polling:WaitStrategy=Blocking, "
        + "before them the path of another build, or nothing for the service as it is";

    private const string Section = "LowLatency:";

    public static bool TryParse(string text, [NotNullWhen(true)] out Side? side, [NotNullWhen(false)] out string? error)
    {
        (side, error) = (null, null);
        string[] words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words is [string only] && only.Contains("://", StringComparison.Ordinal) && !only.Contains('=', StringComparison.Ordinal))
        {
            side = EndpointUrl.TryParse(only, out EndpointUrl? url, out error) ? new Side(url, null, []) : null;
            return side is not null;
        }

        bool hasService = words is [string first, ..] && !first.Contains('=', StringComparison.Ordinal);
        string[] settings = hasService ? words[1..] : words;
        if (hasService && !File.Exists(words[0]))
        {
            error = $"'{words[0]}' is not there; allowed: {Allowed}";
        }
        else if (settings.FirstOrDefault(setting => setting.IndexOf('=', StringComparison.Ordinal) < 1) is string bad)
        {
            error = $"'{bad}' is no setting; allowed: {Allowed}";
        }

        side = error is null ? new Side(null, hasService ? Path.GetFullPath(words[0]) : null, [.. settings.Select(Full)]) : null;
        return side is not null;
    }

    private static string Full(string setting)
        => setting.StartsWith(Section, StringComparison.OrdinalIgnoreCase) ? setting : Section + setting;
}
