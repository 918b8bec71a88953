using System.Text.Json.Serialization;

namespace LogPipeline.Web.Components.Charts;

/// <summary>How values are drawn.</summary>
[JsonConverter(typeof(ChartKindText))]
public enum ChartKind
{
    /// <summary>Counts: stacked bars.</summary>
    Columns,

    /// <summary>Rates and times: straight lines.</summary>
    Lines,
}

/// <summary>One line or one layer of bars.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Color">The CSS variable of its colour, such as <c>--c5</c>.</param>
public sealed record ChartSeries(string Name, string Color)
{
    /// <summary>Width of a line.</summary>
    public double Width { get; init; } = 1.5;

    /// <summary>Length of a dash; 0 for a whole line.</summary>
    public int Dash { get; init; }

    /// <summary>Whether the ground below a line is tinted.</summary>
    public bool Area { get; init; }
}

/// <summary>A part of the plot with a scale of its own.</summary>
/// <param name="Series">Which series it shows, the lowest of a stack first.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="Ticks">Steps of its scale.</param>
public sealed record ChartLane(IReadOnlyList<int> Series, int Height, int Ticks = 4);

/// <summary>What a chart shows besides its values.</summary>
/// <param name="Kind">Bars or lines.</param>
/// <param name="Series">Its series, in the order of the values.</param>
/// <param name="Lanes">Its lanes, from the top.</param>
public sealed record ChartConfig(
    ChartKind Kind,
    IReadOnlyList<ChartSeries> Series,
    IReadOnlyList<ChartLane> Lanes)
{
    /// <summary>Unit in axis and tooltip: <c>%</c>, <c>ms</c> or none.</summary>
    public string Unit { get; init; } = "";

    /// <summary>The scale reaches at least here.</summary>
    public double Floor { get; init; }

    /// <summary>A dashed line to compare with, or none.</summary>
    public double? Limit { get; init; }

    /// <summary>Room of the axis labels in pixels.</summary>
    public int LabelWidth { get; init; } = 36;

    /// <summary>Whether bands show their names.</summary>
    public bool Named { get; init; }

    /// <summary>Whether dragging chooses a stretch of time.</summary>
    public bool Brush { get; init; } = true;

    /// <summary>Order of the series in the tooltip.</summary>
    public IReadOnlyList<int> Order { get; init; } = [.. Enumerable.Range(0, Series.Count)];
}

/// <summary>The values of a chart: one array a series.</summary>
/// <param name="Start">Begin of the first step, seconds since 1970.</param>
/// <param name="Step">Seconds of a step.</param>
/// <param name="Values">An array a series; null where there is no value.</param>
/// <param name="Bands">What was out of the ordinary.</param>
public sealed record ChartData(long Start, int Step, IReadOnlyList<double?[]> Values, IReadOnlyList<ChartBand> Bands)
{
    /// <summary>Whether anything is to be drawn.</summary>
    public bool IsEmpty => Values.All(series => Array.TrueForAll(series, value => value is null or 0));
}

/// <summary>A named stretch of a chart.</summary>
/// <param name="Start">Begin, seconds since 1970.</param>
/// <param name="End">End, seconds since 1970.</param>
/// <param name="Name">Name on the chart.</param>
/// <param name="Text">Explanation.</param>
public sealed record ChartBand(long Start, long End, string Name, string Text);

/// <summary>Writes <c>columns</c> and <c>lines</c>.</summary>
public sealed class ChartKindText() : JsonStringEnumConverter<ChartKind>(System.Text.Json.JsonNamingPolicy.CamelCase);
