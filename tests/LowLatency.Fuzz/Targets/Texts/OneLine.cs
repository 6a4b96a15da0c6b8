using LowLatency.Fuzz.Driver;

namespace LowLatency.Fuzz.Targets.Texts;

/// <summary>What a message for a person has to be: there, and nothing that moves to another line or drives a terminal.</summary>
internal static class OneLine
{
    internal static void Require(string? message)
        => FuzzException.ThrowUnless(
            !string.IsNullOrWhiteSpace(message) && !message.Any(char.IsControl),
            $"A problem is one line of text: '{message?.ReplaceLineEndings("<newline>")}'");
}
