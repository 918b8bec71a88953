using System.Globalization;
using LogPipeline.Core.Lake;
using LogPipeline.Web.Rest;

namespace LogPipeline.Web.CommandLine.Pipeline;

/// <summary>What a stream left behind when its writer stopped.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Table">Its table.</param>
/// <param name="Rows">Rows of the table; null when there is no table.</param>
/// <param name="Drained">Whether everything that the event log took is stored.</param>
internal sealed record StreamOutcome(string Stream, string Table, long? Rows, bool Drained)
{
    /// <summary>Reads those of all streams.</summary>
    public static async Task<IReadOnlyList<StreamOutcome>> ReadAsync(IServiceProvider services)
    {
        var catalog = services.GetRequiredService<ITableCatalog>();
        var outcomes = new List<StreamOutcome>();
        foreach (var writer in services.GetRequiredService<ITableWriters>().All)
        {
            var table = await catalog.FindAsync(writer.Table, CancellationToken.None);
            outcomes.Add(new StreamOutcome(writer.Stream, writer.Table, table?.RowCount, writer.State == TableWriterState.Complete));
        }

        return outcomes;
    }

    /// <summary>A line each.</summary>
    public static string ToText(IEnumerable<StreamOutcome> outcomes) => string.Join('\n', outcomes.Select(one => string.Create(CultureInfo.InvariantCulture,
        $"{one.Stream}: {(one.Rows is { } rows ? $"{rows:N0} rows in {one.Table}" : $"no table {one.Table} yet")}; {(one.Drained ? "everything is stored" : "the rest is stored after the next start")}")));

    /// <summary>Writes <c>[{"stream":"web-logs","table":"logs","rows":1000,"drained":true}]</c>.</summary>
    public static string ToJson(IEnumerable<StreamOutcome> outcomes) => RestJson.ToText(json =>
    {
        json.WriteStartArray();
        foreach (var one in outcomes)
        {
            json.WriteStartObject();
            json.WriteString("stream", one.Stream);
            json.WriteString("table", one.Table);
            if (one.Rows is { } rows)
            {
                json.WriteNumber("rows", rows);
            }
            else
            {
                json.WriteNull("rows");
            }

            json.WriteBoolean("drained", one.Drained);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });
}
