using System.Globalization;
using System.Text.Json;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Query;
using LogPipeline.Core.Query.Results;

namespace LogPipeline.Web.CommandLine.Pipeline;

/// <summary>One line of the totals.</summary>
/// <param name="Value">What the requests have in common; null for those that do not say.</param>
/// <param name="Requests">How many there are.</param>
/// <param name="AverageMs">Their average response time.</param>
/// <param name="P50Ms">Response time of half of them at most.</param>
/// <param name="P95Ms">Of 95 of 100 at most.</param>
/// <param name="P99Ms">Of 99 of 100 at most.</param>
internal sealed record AnalyticsLine(string? Value, long Requests, double? AverageMs, double? P50Ms, double? P95Ms, double? P99Ms);

/// <summary>Totals by one column.</summary>
/// <param name="Name">Such as <c>status class</c>.</param>
/// <param name="Lines">The values with the most requests, those first.</param>
/// <param name="HasMore">Whether there are more values than asked for.</param>
internal sealed record AnalyticsGroup(string Name, IReadOnlyList<AnalyticsLine> Lines, bool HasMore);

/// <summary>Totals of one version of a table of web requests.</summary>
/// <param name="Table">Its name.</param>
/// <param name="Version">Its Delta version.</param>
/// <param name="Engine">Which engine answered.</param>
/// <param name="From">Time of the first request, as RFC 3339; null for none.</param>
/// <param name="To">Time of the last one.</param>
/// <param name="Total">All requests.</param>
/// <param name="Groups">By level, status class, endpoint and source, as far as the table has those columns.</param>
internal sealed record Analytics(string Table, long? Version, string Engine, string? From, string? To, AnalyticsLine Total, IReadOnlyList<AnalyticsGroup> Groups)
{
    private const string TotalName = "total";
    private const string NoTimes = "CAST(NULL AS TIMESTAMP) AS first_at, CAST(NULL AS TIMESTAMP) AS last_at";

    private static readonly int[] Shares = [50, 95, 99];

    private static readonly (string Name, string Column, string Value)[] Dimensions =
    [
        ("level", "level", "CAST(level AS STRING)"),
        ("status class", "status", "concat(CAST(CAST(floor(CAST(status AS INT) / 100) AS INT) AS STRING), 'xx')"),
        ("endpoint", "endpoint", "CAST(endpoint AS STRING)"),
        ("source", "source", "CAST(source AS STRING)"),
    ];

    /// <summary>Asks the engine in one statement, so that every figure is of the same version.</summary>
    /// <param name="queries">The engines.</param>
    /// <param name="table">The table.</param>
    /// <param name="limit">Values of each column at most.</param>
    /// <param name="cancellationToken">Stops the statement.</param>
    /// <exception cref="QueryException">The engine failed.</exception>
    public static async Task<Analytics> ReadAsync(QueryService queries, TableSnapshot table, int limit, CancellationToken cancellationToken)
    {
        var dimensions = Dimensions.Where(one => Has(table, one.Column)).ToList();
        var result = await queries.ExecuteAsync(StatementOf(table, dimensions, limit), 1 + (dimensions.Count * (limit + 1)), cancellationToken: cancellationToken);
        using var rows = JsonDocument.Parse(await ResultWriter.ToStringAsync(result, ResultFormat.Json, cancellationToken));
        var byName = rows.RootElement.EnumerateArray().ToLookup(row => row.GetProperty("dimension").GetString()!);
        var total = byName[TotalName].Single();
        return new Analytics(
            table.Name, result.Versions is [var first, ..] ? first.Version : null, result.Engine,
            total.GetProperty("first_at").GetString(), total.GetProperty("last_at").GetString(), LineOf(total),
            [.. dimensions.Select(one => GroupOf(one.Name, byName[one.Name], limit))]);
    }

    private static AnalyticsGroup GroupOf(string name, IEnumerable<JsonElement> rows, int limit)
    {
        var lines = rows.Select(LineOf).OrderByDescending(line => line.Requests).ThenBy(line => line.Value, StringComparer.Ordinal).ToList();
        return new AnalyticsGroup(name, [.. lines.Take(limit)], lines.Count > limit);
    }

    private static AnalyticsLine LineOf(JsonElement row) => new(
        row.GetProperty("value").GetString(), row.GetProperty("requests").GetInt64(), NumberOf(row, "average"), NumberOf(row, "p50"), NumberOf(row, "p95"), NumberOf(row, "p99"));

    // NaN and infinities, which no clock measures, are texts.
    private static double? NumberOf(JsonElement row, string name) => row.GetProperty(name) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : null;

    private static bool Has(TableSnapshot table, string column) => table.Schema.Fields.Any(field => string.Equals(field.Name, column, StringComparison.OrdinalIgnoreCase));

    private static string StatementOf(TableSnapshot table, IEnumerable<(string Name, string Column, string Value)> dimensions, int limit)
    {
        var from = $"FROM delta_lake.`{table.Name.Replace("`", "``", StringComparison.Ordinal)}`";
        var measures = "count(*) AS requests, " + (Has(table, "response_time")
            ? "avg(CAST(response_time AS DOUBLE)) AS average, " + string.Join(", ", Shares.Select(share =>
                string.Create(CultureInfo.InvariantCulture, $"percentile(CAST(response_time AS DOUBLE), 0.{share}) AS p{share}")))
            : "CAST(NULL AS DOUBLE) AS average, CAST(NULL AS DOUBLE) AS p50, CAST(NULL AS DOUBLE) AS p95, CAST(NULL AS DOUBLE) AS p99");
        var times = Has(table, "timestamp") ? "min(timestamp) AS first_at, max(timestamp) AS last_at" : NoTimes;
        return string.Join(" UNION ALL ", dimensions
            .Select(one => string.Create(CultureInfo.InvariantCulture,
                $"SELECT * FROM (SELECT '{one.Name}' AS dimension, {one.Value} AS value, {measures}, {NoTimes} {from} GROUP BY {one.Value} ORDER BY requests DESC, value LIMIT {limit + 1})"))
            .Prepend($"SELECT '{TotalName}' AS dimension, CAST(NULL AS STRING) AS value, {measures}, {times} {from}"));
    }
}
