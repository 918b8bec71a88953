using System.Globalization;
using System.Text.Json.Serialization;
using LogPipeline.Web.Components.Format;

namespace LogPipeline.Web.Components.Query;

/// <summary>Which columns of a result are drawn, and how.</summary>
/// <param name="Bars">Bars, or lines.</param>
/// <param name="X">Column of the axis.</param>
/// <param name="Y">Column of the values.</param>
/// <param name="Series">Column that tells one line from another; -1 for a single line.</param>
public sealed record ChartChoice(bool Bars, int X, int Y, int Series)
{
    private const int FewestSeries = 2;

    /// <summary>What suits a result: a line over time, or bars over the first text; null when it has no numbers.</summary>
    public static ChartChoice? Default(ResultRows rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var columns = Enumerable.Range(0, rows.Result.Columns.Count).ToList();
        var time = columns.FindIndex(rows.IsTime);
        var x = time >= 0 ? time : columns.FindIndex(column => !rows.IsNumber(column));
        x = x < 0 ? 0 : x;
        var y = columns.FindIndex(column => column != x && rows.IsNumber(column));
        if (y < 0)
        {
            return null;
        }

        var series = columns.FindIndex(column => column != x && !rows.IsNumber(column) && !rows.IsTime(column));
        return new ChartChoice(time < 0, x, y, series >= 0 && Repeats(rows, x) ? series : -1);
    }

    private static bool Repeats(ResultRows rows, int column)
    {
        var seen = new HashSet<string?>(StringComparer.Ordinal);
        var read = Math.Min(rows.Count, 1000);
        for (var row = 0; row < read; row++)
        {
            seen.Add(rows.Text(row, column));
        }

        return read - seen.Count >= FewestSeries - 1;
    }
}

/// <summary>A line or a layer of bars.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Color">The CSS variable of its colour.</param>
/// <param name="Dash">Length of a dash; 0 for a whole line.</param>
/// <param name="Values">A value for each place of the axis; null where there is none.</param>
public sealed record DrawnSeries(string Name, string Color, int Dash, IReadOnlyList<double?> Values);

/// <summary>A chart as the browser draws it.</summary>
/// <param name="Kind"><c>line</c> or <c>bar</c>.</param>
/// <param name="Labels">Places of the axis.</param>
/// <param name="Positions">Where they lie, when they are times or numbers.</param>
/// <param name="Series">What is drawn.</param>
/// <param name="Note">What is left out; null when nothing is.</param>
public sealed record DrawnChart(string Kind, IReadOnlyList<string> Labels, IReadOnlyList<double>? Positions, IReadOnlyList<DrawnSeries> Series, [property: JsonIgnore] string? Note)
{
    private const int MostLines = 2000;
    private const int MostBars = 60;
    private const int MostSeries = 5;

    private static readonly int[] _dashes = [0, 0, 5, 2, 8];

    /// <summary>Reads the chosen columns. Rows without a finite number or without a place are left out.</summary>
    internal static DrawnChart Read(ResultRows rows, ChartChoice choice, BrowserTime clock)
    {
        var places = new Dictionary<string, double>(StringComparer.Ordinal);
        var layers = new Dictionary<string, Dictionary<string, double>>(StringComparer.Ordinal);
        var (twice, unplaced) = (false, false);
        var placed = rows.IsTime(choice.X) || rows.IsNumber(choice.X);
        for (var row = 0; row < rows.Count; row++)
        {
            var place = rows.Text(row, choice.X);
            var at = (double)places.Count;
            if (place is null || Number(rows.Text(row, choice.Y)) is not { } value || (placed && !Place(rows, choice.X, place, out at)))
            {
                unplaced = true;
                continue;
            }

            var name = choice.Series < 0 ? rows.Result.Columns[choice.Y].Name : rows.Text(row, choice.Series) ?? "NULL";
            places.TryAdd(place, at);
            var layer = layers.TryGetValue(name, out var found) ? found : layers[name] = new(StringComparer.Ordinal);
            twice |= !layer.TryAdd(place, value);
        }

        var most = choice.Bars ? MostBars : MostLines;
        var ordered = (placed ? places.OrderBy(pair => pair.Value) : places.AsEnumerable()).Take(most).ToList();
        var shown = layers.OrderByDescending(layer => layer.Value.Values.Sum(Math.Abs)).ThenBy(layer => layer.Key, StringComparer.Ordinal).Take(MostSeries).ToList();
        var notes = new List<string>();
        Note(places.Count > most, $"{Numbers.Count(most)} of {Numbers.Count(places.Count)} places are shown");
        Note(layers.Count > MostSeries, $"the {MostSeries} largest of {Numbers.Count(layers.Count)} series are shown");
        Note(twice, "several rows share a place: the first of them is shown");
        Note(unplaced, "rows without a place or a number are left out");
        Note(rows.Result.Truncated, "only the fetched rows are drawn");
        return new DrawnChart(
            choice.Bars ? "bar" : "line",
            Named(rows, choice.X, ordered, clock),
            placed ? [.. ordered.Select(pair => pair.Value)] : null,
            [.. shown.Select((layer, index) => new DrawnSeries(
                layer.Key,
                string.Create(CultureInfo.InvariantCulture, $"--s{index + 1}"),
                _dashes[index],
                [.. ordered.Select(pair => layer.Value.TryGetValue(pair.Key, out var value) ? value : (double?)null)]))],
            notes.Count == 0 ? null : string.Join(" · ", notes));

        void Note(bool applies, string text)
        {
            if (applies)
            {
                notes.Add(text);
            }
        }
    }

    private static bool Place(ResultRows rows, int column, string text, out double place)
    {
        if (!rows.IsTime(column))
        {
            place = Number(text) ?? 0;
            return Number(text) is not null;
        }

        var read = Instant(text) is { } instant;
        place = read ? (Instant(text)!.Value - DateTimeOffset.UnixEpoch).TotalSeconds : 0;
        return read;
    }

    private static DateTimeOffset? Instant(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant) ? instant : null;

    private static double? Number(string? text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) ? value : null;

    private static List<string> Named(ResultRows rows, int column, List<KeyValuePair<string, double>> places, BrowserTime clock)
    {
        if (rows.Result.Columns[column].Type.SimpleString != "timestamp" || places.Count == 0)
        {
            return [.. places.Select(pair => pair.Key)];
        }

        var span = TimeSpan.FromSeconds(places[^1].Value - places[0].Value);
        var whole = places.All(pair => pair.Value % 60 == 0);
        var form = span > TimeSpan.FromDays(1) ? "MM-dd HH:mm" : whole ? "HH:mm" : "HH:mm:ss";
        return [.. places.Select(pair => clock.At(DateTimeOffset.UnixEpoch.AddSeconds(pair.Value)).ToString(form, CultureInfo.InvariantCulture))];
    }
}
