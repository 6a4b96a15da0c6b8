namespace LowLatency.LoadTest.HtmlReport;

/// <summary>The room of a plot: its axes, and where its lines go.</summary>
/// <remarks>Each plot is drawn twice, for a wide page and for a phone: one that is only scaled has letters too small to read.</remarks>
internal sealed class PlotFrame
{
    private const double Left = 62;
    private const double Right = 14;
    private const double Bottom = 44;
    private const double TitleLine = 28;
    private const double LegendLine = 19;
    private const double LegendMark = 26;

    // Roughly what a letter of the legend is wide; nothing else knows before it is drawn.
    private const double LetterWidth = 6.7;

    private readonly double _top;

    private PlotFrame(SvgDrawing drawing, double width, double height, double top, bool isNarrow)
        => (Drawing, Width, Height, _top, IsNarrow) = (drawing, width, height, top, isNarrow);

    public SvgDrawing Drawing { get; }

    public double Width { get; }

    public double Height { get; }

    public bool IsNarrow { get; }

    private double PlotWidth => Width - Left - Right;

    private double PlotHeight => Height - _top - Bottom;

    /// <summary>An empty plot with a legend on top, which takes as many lines as it needs.</summary>
    public static PlotFrame Create(bool isNarrow, IReadOnlyList<(string Name, string Style)> legend)
    {
        double width = isNarrow ? 350 : 760;
        var rows = new List<List<(string Name, string Style, double X)>> { new() };
        double x = 0;
        int most = (int)((width - LegendMark - 20) / LetterWidth);
        foreach ((string name, string style) in legend)
        {
            string shown = name.Length > most ? $"{name[..(most - 1)]}…" : name;
            double needed = LegendMark + (shown.Length * LetterWidth) + 16;
            if (x > 0 && x + needed > width - 10)
            {
                rows.Add([]);
                x = 0;
            }

            rows[^1].Add((shown, style, x));
            x += needed;
        }

        double top = (legend.Count > 0 ? rows.Count * LegendLine : 0) + TitleLine;
        double height = top + Bottom + (isNarrow ? 230 : 270);
        var drawing = new SvgDrawing(width, height);
        for (int row = 0; row < rows.Count; row++)
        {
            foreach ((string name, string style, double at) in rows[row])
            {
                double y = (row * LegendLine) + 12;
                Mark(drawing, at + 8, y - 4, style);
                drawing.Text(at + 8 + LegendMark, y, name, "start legend");
            }
        }

        return new PlotFrame(drawing, width, height, top, isNarrow);
    }

    /// <summary>From 0 to 1 across.</summary>
    public double X(double share) => Left + (share * PlotWidth);

    /// <summary>From 0 to 1 upwards.</summary>
    public double Y(double share) => _top + ((1 - share) * PlotHeight);

    public void VerticalAxis(string title, IEnumerable<(double Share, string Name)> ticks)
    {
        foreach ((double share, string name) in ticks)
        {
            Drawing.Line(X(0), Y(share), X(1), Y(share), "grid");
            Drawing.Text(X(0) - 6, Y(share) + 4, name, "end tick");
        }

        Drawing.Line(X(0), Y(0), X(0), Y(1), "axis");
        Drawing.Text(8, Y(1) - 10, title, "start title");
    }

    public void HorizontalAxis(string title, IEnumerable<(double Share, string Name)> ticks)
    {
        double taken = 0;
        foreach ((double share, string name) in ticks)
        {
            Drawing.Line(X(share), Y(0), X(share), Y(1), "grid");
            bool isLast = share > 0.97;
            double width = name.Length * LetterWidth;
            double left = X(share) - (isLast ? width : width / 2);

            // A line says where it is even when there is no room for its name.
            if (left >= taken)
            {
                Drawing.Text(X(share), Y(0) + 16, name, isLast ? "end tick" : "middle tick");
                taken = left + width + 4;
            }
        }

        Drawing.Line(X(0), Y(0), X(1), Y(0), "axis");
        Drawing.Text(X(0.5), Y(0) + 36, title, "middle title");
    }

    public void LatencyAxisUpwards(LatencyScale scale, string title)
        => VerticalAxis(title, scale.Ticks(10).Select(tick => (scale.At(tick), LatencyScale.Name(tick))));

    private static void Mark(SvgDrawing drawing, double x, double y, string style)
    {
        if (style.Contains("dot", StringComparison.Ordinal))
        {
            drawing.Circle(x + 10, y, 4, style);
        }
        else if (style.Contains("heat", StringComparison.Ordinal))
        {
            drawing.Rectangle(x + 4, y - 6, 14, 12, style);
        }
        else
        {
            drawing.Line(x, y, x + 20, y, style);
        }
    }
}
