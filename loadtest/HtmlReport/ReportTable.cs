using System.Globalization;
using System.Net;
using System.Text;

namespace LowLatency.LoadTest.HtmlReport;

/// <summary>A table with a column for each run, in a box that scrolls where the page is too narrow for it.</summary>
internal sealed class ReportTable(string name, IReadOnlyList<string> columns)
{
    private readonly StringBuilder _rows = new();

    /// <param name="title">What the row is about.</param>
    /// <param name="cells">One for each column, as text.</param>
    /// <param name="style">What each cell looks like; without, like text.</param>
    public void Row(string title, IEnumerable<string> cells, Func<string, string>? style = null)
    {
        _rows.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\">{WebUtility.HtmlEncode(title)}</th>");
        foreach (string cell in cells)
        {
            string looks = style?.Invoke(cell) ?? "";
            _rows.Append(CultureInfo.InvariantCulture, $"<td{(looks.Length > 0 ? $" class=\"{looks}\"" : "")}>{WebUtility.HtmlEncode(cell)}</td>");
        }

        _rows.Append("</tr>\n");
    }

    public string ToElement(string style = "")
    {
        // A box that scrolls must be reachable without a mouse.
        string head = columns.Count == 0 ? "" : $"<thead><tr><td></td>{string.Concat(columns.Select(column => $"<th scope=\"col\">{WebUtility.HtmlEncode(column)}</th>"))}</tr></thead>\n";
        return $"<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{WebUtility.HtmlEncode(name)}\"><table class=\"{style}\">\n{head}<tbody>\n{_rows}</tbody></table></div>\n";
    }
}
