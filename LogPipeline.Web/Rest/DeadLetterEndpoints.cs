using System.Globalization;
using System.Text;
using System.Text.Json;
using Apache.Arrow;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Query;

namespace LogPipeline.Web.Rest;

/// <summary>Records that did not fit their stream, with the reason and the bytes as received.</summary>
internal static class DeadLetterEndpoints
{
    private const string Table = "dead_letters";

    public static void MapDeadLetters(this IEndpointRouteBuilder routes) =>
        Api.Get(routes, "/api/dead-letters", "Catalog", "Records that did not fit their stream, newest first", DeadLettersAsync,
                StreamParameter.Parameter,
                new ApiParameter("limit", ParameterKind.Whole, "Records at most.") { Default = 100, Least = 1, Greatest = 1000 },
                new ApiParameter("before", ParameterKind.Text, "Read on: the value of next in the answer before.") { Example = "0:1204331" })
            .Answers("""{"deadLetters":[{"position":"0:1204331","received_at":"2026-11-23T14:42:07.011000Z","source":"http","field":"status","reason":"'abc' is not a whole number","raw":"{\"status\":\"abc\"}","rawBase64":null}],"next":null}""");

    private static async Task DeadLettersAsync(HttpContext context)
    {
        var reader = new QueryReader(context);
        var stream = StreamParameter.Read(context, reader);
        var limit = reader.Whole("limit");
        EventPosition before = default;
        var hasBefore = reader.Text("before") is { } text && (EventPosition.TryParse(text, out before) || Wrong(reader, text));
        reader.Check();
        IReadOnlyList<RecordBatch> batches = [];
        if (context.RequestServices.GetRequiredService<ITableCatalog>().Tables.Contains(Table))
        {
            // Name and numbers only: a stream's name is made of letters, digits and hyphens.
            var condition = hasBefore
                ? string.Create(CultureInfo.InvariantCulture, $" AND (event_partition < {before.Partition} OR (event_partition = {before.Partition} AND event_offset < {before.Offset}))")
                : "";
            var sql = "SELECT event_partition, event_offset, CAST(unix_micros(received_at) AS bigint) AS received, source, field, reason, raw "
                + $"FROM delta_lake.{Table} WHERE stream = '{stream.Name}'{condition} ORDER BY event_partition DESC, event_offset DESC";
            try
            {
                var result = await context.RequestServices.GetRequiredService<IQueryEngine>().ExecuteAsync(new QueryRequest(sql, limit), context.RequestAborted);
                batches = result.Batches;
            }
            catch (QueryException error)
            {
                throw QueryEndpoints.ToProblem(error);
            }
        }

        await Answers.WriteJsonAsync(context, json => Write(json, batches, limit));
    }

    private static bool Wrong(QueryReader reader, string text)
    {
        reader.Wrong("before", $"'{text}' is not a position such as 0:1204331");
        return false;
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyList<RecordBatch> batches, int limit)
    {
        string? last = null;
        var count = 0;
        json.WriteStartObject();
        json.WriteStartArray("deadLetters");
        foreach (var batch in batches)
        {
            for (var row = 0; row < batch.Length; row++)
            {
                count++;
                last = new EventPosition(((Int32Array)batch.Column(0)).GetValue(row) ?? 0, ((Int64Array)batch.Column(1)).GetValue(row) ?? 0).ToString();
                json.WriteStartObject();
                json.WriteString("position", last);
                json.WriteString("received_at", LogRowJson.Instant(((Int64Array)batch.Column(2)).GetValue(row) ?? 0));
                json.WriteString("source", ((StringArray)batch.Column(3)).GetString(row));
                json.WriteString("field", ((StringArray)batch.Column(4)).GetString(row));
                json.WriteString("reason", ((StringArray)batch.Column(5)).GetString(row));
                WriteRaw(json, ((BinaryArray)batch.Column(6)).GetBytes(row, out var isNull), isNull);
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
        json.WriteString("next", count == limit ? last : null);
        json.WriteEndObject();
    }

    /// <summary>Bytes as text where they are text, and as base64 where they are not.</summary>
    private static void WriteRaw(Utf8JsonWriter json, ReadOnlySpan<byte> raw, bool isNull)
    {
        var isText = !isNull && System.Text.Unicode.Utf8.IsValid(raw);
        json.WriteString("raw", isText ? Encoding.UTF8.GetString(raw) : null);
        if (isNull || isText)
        {
            json.WriteNull("rawBase64");
        }
        else
        {
            json.WriteBase64String("rawBase64", raw);
        }
    }
}
