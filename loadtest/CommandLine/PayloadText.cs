using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace LowLatency.LoadTest.CommandLine;

/// <summary>Bytes as users write them: UTF-8 with C's escapes, or <c>@file</c> for what a file holds.</summary>
internal static class PayloadText
{
    public const string Allowed = @"text with the escapes \r \n \t \0 \xHH \\, or @file";

    public static bool TryParse(string text, [NotNullWhen(true)] out byte[]? bytes, [NotNullWhen(false)] out string? error)
        => text.StartsWith('@') ? TryReadFile(text[1..], out bytes, out error) : TryUnescape(text, out bytes, out error);

    private static bool TryReadFile(string path, [NotNullWhen(true)] out byte[]? bytes, [NotNullWhen(false)] out string? error)
    {
        try
        {
            bytes = File.ReadAllBytes(path);
            error = null;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            bytes = null;
            error = $"the file '{path}' cannot be read";
            return false;
        }
    }

    private static bool TryUnescape(string text, [NotNullWhen(true)] out byte[]? bytes, [NotNullWhen(false)] out string? error)
    {
        bytes = null;
        error = null;
        using var unescaped = new MemoryStream();
        int at = 0;
        while (at < text.Length)
        {
            int backslash = text.IndexOf('\\', at);
            int plainUntil = backslash < 0 ? text.Length : backslash;
            unescaped.Write(Encoding.UTF8.GetBytes(text[at..plainUntil]));
            if (backslash < 0)
            {
                break;
            }

            if (!TryReadEscape(text.AsSpan(backslash + 1), out byte value, out int length))
            {
                string end = text[backslash..Math.Min(text.Length, backslash + 4)];
                error = $"'{end}' begins with no escape that is known";
                return false;
            }

            unescaped.WriteByte(value);
            at = backslash + 1 + length;
        }

        bytes = unescaped.ToArray();
        return true;
    }

    private static bool TryReadEscape(ReadOnlySpan<char> afterBackslash, out byte value, out int length)
    {
        length = 1;
        switch (afterBackslash)
        {
            case ['r', ..]: value = (byte)'\r'; return true;
            case ['n', ..]: value = (byte)'\n'; return true;
            case ['t', ..]: value = (byte)'\t'; return true;
            case ['0', ..]: value = 0; return true;
            case ['\\', ..]: value = (byte)'\\'; return true;
            case ['x', _, _, ..]:
                length = 3;
                return byte.TryParse(afterBackslash[1..3], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
            default:
                value = 0;
                return false;
        }
    }
}
