using System.Globalization;
using System.Text;
using System.Text.Json;
using LogPipeline.Web.Rest;

namespace LogPipeline.Web.CommandLine.Pipeline;

/// <summary>Totals as text for people and as JSON for programs.</summary>
internal static class AnalyticsReport
{
    private const int WidestValue = 48;

    /// <summary>A table for each column, below one line about all requests.</summary>
    public static string ToText(Analytics totals)
    {
        if (totals.Total.Requests == 0)
        {
            return $"delta_lake.{totals.Table} is empty.";
        }

        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"delta_lake.{totals.Table}, {(totals.Version is { } version ? $"version {version}, " : "")}{totals.Engine} engine").Append('\n');
        text.Append(CultureInfo.InvariantCulture, $"{totals.Total.Requests:N0} requests");
        if (totals.From is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $" from {totals.From} to {totals.To}");
        }

        text.Append('\n');
        AppendTable(text, "all", totals, [totals.Total with { Value = "requests" }]);
        foreach (var group in totals.Groups)
        {
            AppendTable(text, group.Name, totals, group.Lines);
            if (group.HasMore)
            {
                text.Append("  there are more; raise --limit\n");
            }
        }

        return text.ToString().TrimEnd('\n');
    }

    /// <summary>Writes <c>{"table":"logs","version":12,"engine":"embedded","from":"…","to":"…","total":{…},"groups":{"level":[{"value":"INFO","requests":1,"averageMs":1.5,"p50Ms":1,"p95Ms":2,"p99Ms":2}],…}}</c>.</summary>
    public static string ToJson(Analytics totals) => RestJson.ToText(json =>
    {
        json.WriteStartObject();
        json.WriteString("table", totals.Table);
        json.WritePropertyName("version");
        WriteNumber(json, totals.Version);
        json.WriteString("engine", totals.Engine);
        json.WriteString("from", totals.From);
        json.WriteString("to", totals.To);
        json.WriteStartObject("total");
        WriteMeasures(json, totals.Total);
        json.WriteEndObject();
        json.WriteStartObject("groups");
        foreach (var group in totals.Groups)
        {
            json.WriteStartArray(group.Name.Replace(" class", "Class", StringComparison.Ordinal));
            foreach (var line in group.Lines)
            {
                json.WriteStartObject();
                json.WriteString("value", line.Value);
                WriteMeasures(json, line);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    });

    private static void WriteMeasures(Utf8JsonWriter json, AnalyticsLine line)
    {
        json.WriteNumber("requests", line.Requests);
        foreach (var (name, value) in new[] { ("averageMs", line.AverageMs), ("p50Ms", line.P50Ms), ("p95Ms", line.P95Ms), ("p99Ms", line.P99Ms) })
        {
            json.WritePropertyName(name);
            WriteNumber(json, value is { } milliseconds ? Math.Round(milliseconds, 3) : null);
        }
    }

    private static void WriteNumber(Utf8JsonWriter json, double? value)
    {
        if (value is { } number)
        {
            json.WriteNumberValue(number);
        }
        else
        {
            json.WriteNullValue();
        }
    }

    private static void AppendTable(StringBuilder text, string name, Analytics totals, IReadOnlyList<AnalyticsLine> lines)
    {
        var cells = lines.Select(line => (string[])
        [
            Shorten(line.Value ?? "(none)"), line.Requests.ToString("N0", CultureInfo.InvariantCulture),
            (100.0 * line.Requests / totals.Total.Requests).ToString("0.0", CultureInfo.InvariantCulture) + " %",
            Milliseconds(line.AverageMs), Milliseconds(line.P50Ms), Milliseconds(line.P95Ms), Milliseconds(line.P99Ms),
        ]).Prepend([name, "requests", "share", "avg ms", "p50 ms", "p95 ms", "p99 ms"]).ToList();
        var widths = Enumerable.Range(0, cells[0].Length).Select(column => cells.Max(row => row[column].Length)).ToArray();
        text.Append('\n');
        foreach (var row in cells)
        {
            text.Append(row[0].PadRight(widths[0]));
            for (var column = 1; column < row.Length; column++)
            {
                text.Append("  ").Append(row[column].PadLeft(widths[column]));
            }

            text.Append('\n');
        }
    }

    private static string Milliseconds(double? value) => value?.ToString("#,0.0", CultureInfo.InvariantCulture) ?? "–";

    /// <summary>One line of a terminal: what could move its cursor is shown as a symbol.</summary>
    private static string Shorten(string text)
    {
        var shown = new string([.. text.Select(letter => char.IsControl(letter) ? '\uFFFD' : letter)]);
        return shown.Length > WidestValue ? shown[..(WidestValue - 1)] + "…" : shown;
    }
}
