using System.Globalization;
using System.Net;
using System.Text;

namespace LowLatency.LoadTest.HtmlReport;

/// <summary>Writes the few shapes of SVG that plots are made of. What they look like is the style sheet's business.</summary>
internal sealed class SvgDrawing(double width, double height)
{
    private readonly StringBuilder _shapes = new();

    public double Height => height;

    public void Line(double x1, double y1, double x2, double y2, string style)
        => _shapes.Append(CultureInfo.InvariantCulture, $"<line x1=\"{N(x1)}\" y1=\"{N(y1)}\" x2=\"{N(x2)}\" y2=\"{N(y2)}\" class=\"{style}\"/>\n");

    /// <param name="points">In order; fewer than two draw nothing.</param>
    /// <param name="style">Classes of the style sheet.</param>
    /// <param name="hint">What a pointer over it is told.</param>
    public void Path(IReadOnlyList<(double X, double Y)> points, string style, string hint = "")
    {
        if (points.Count < 2)
        {
            return;
        }

        _shapes.Append("<path d=\"M");
        _shapes.AppendJoin('L', points.Select(point => $"{N(point.X)} {N(point.Y)}"));
        _shapes.Append(CultureInfo.InvariantCulture, $"\" class=\"{style}\">{Title(hint)}</path>\n");
    }

    public void Rectangle(double x, double y, double rectangleWidth, double rectangleHeight, string style, double? opacity = null)
    {
        string strength = opacity is double share ? string.Create(CultureInfo.InvariantCulture, $" fill-opacity=\"{share:0.##}\"") : "";
        _shapes.Append(CultureInfo.InvariantCulture, $"<rect x=\"{N(x)}\" y=\"{N(y)}\" width=\"{N(rectangleWidth)}\" height=\"{N(rectangleHeight)}\" class=\"{style}\"{strength}/>\n");
    }

    public void Circle(double x, double y, double radius, string style, string hint = "")
        => _shapes.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{N(x)}\" cy=\"{N(y)}\" r=\"{N(radius)}\" class=\"{style}\">{Title(hint)}</circle>\n");

    /// <param name="x">Where its anchor is.</param>
    /// <param name="y">Its base line.</param>
    /// <param name="text">What it says.</param>
    /// <param name="style">Classes, of which <c>start</c>, <c>middle</c> and <c>end</c> say where the anchor is.</param>
    public void Text(double x, double y, string text, string style)
        => _shapes.Append(CultureInfo.InvariantCulture, $"<text x=\"{N(x)}\" y=\"{N(y)}\" class=\"{style}\">{WebUtility.HtmlEncode(text)}</text>\n");

    /// <summary>The drawing as an element of a page.</summary>
    /// <param name="description">What it shows, for those who do not see it.</param>
    /// <param name="style">Classes of the whole.</param>
    public string ToElement(string description, string style)
        => $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {N(width)} {N(height)}\" class=\"plot {style}\" role=\"img\" aria-label=\"{WebUtility.HtmlEncode(description)}\">\n{_shapes}</svg>\n";

    /// <summary>The drawing as a part of another one.</summary>
    public string ToGroup(double top) => string.Create(CultureInfo.InvariantCulture, $"<g transform=\"translate(0 {N(top)})\">\n{_shapes}</g>\n");

    private static string Title(string hint) => hint.Length > 0 ? $"<title>{WebUtility.HtmlEncode(hint)}</title>" : "";

    // A tenth of a pixel is as fine as anybody sees.
    private static string N(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);
}
