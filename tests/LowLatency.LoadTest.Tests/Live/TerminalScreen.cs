using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace LowLatency.LoadTest.Tests.Live;

/// <summary>What a person sees on a terminal: the few control sequences that the tester uses, carried out.</summary>
internal sealed partial class TerminalScreen
{
    private readonly List<StringBuilder> _lines = [new()];
    private string _unfinished = "";
    private int _row;
    private int _column;

    public string Text => string.Join('\n', _lines.Select(line => line.ToString().TrimEnd())).TrimEnd();

    public bool ShowsCursor { get; private set; } = true;

    /// <summary>Takes what a program has written, in pieces of any length.</summary>
    public void Write(string text)
    {
        text = _unfinished + text;
        _unfinished = "";
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\u001b')
            {
                Put(text[i]);
                continue;
            }

            Match sequence = ControlSequence().Match(text, i);
            if (!sequence.Success)
            {
                _unfinished = text[i..];
                return;
            }

            CarryOut(sequence.Groups["how"].Value, sequence.Groups["what"].Value);
            i += sequence.Length - 1;
        }
    }

    private void Put(char character)
    {
        switch (character)
        {
            case '\r':
                _column = 0;
                break;

            case '\n':
                _row++;
                EnsureRow();
                break;

            default:
                StringBuilder line = _lines[_row];
                line.Append(' ', Math.Max(0, _column + 1 - line.Length));
                line[_column++] = character;
                break;
        }
    }

    private void CarryOut(string how, string what)
    {
        int count = int.TryParse(how, CultureInfo.InvariantCulture, out int number) ? number : 1;
        switch (what)
        {
            case "A":
                _row = Math.Max(0, _row - count);
                break;

            case "B":
                _row += count;
                EnsureRow();
                break;

            case "G":
                _column = count - 1;
                break;

            case "K":
                EraseLine(number);
                break;

            case "h" or "l" when how == "?25":
                ShowsCursor = what == "h";
                break;
        }
    }

    private void EraseLine(int kind)
    {
        StringBuilder line = _lines[_row];
        int from = kind == 2 ? 0 : Math.Min(_column, line.Length);
        line.Remove(from, line.Length - from);
    }

    private void EnsureRow()
    {
        while (_lines.Count <= _row)
        {
            _lines.Add(new StringBuilder());
        }
    }

    [GeneratedRegex(@"\G\u001b(\[(?<how>[?0-9;]*)(?<what>[A-Za-z])|[=>78])")]
    private static partial Regex ControlSequence();
}
