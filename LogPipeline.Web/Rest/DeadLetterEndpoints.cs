using System.Text.Json;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Query;
using LogPipeline.Web.DeadLetters;

namespace LogPipeline.Web.Rest;

/// <summary>Records that did not fit their stream, with the reason and the bytes as received.</summary>
internal static class DeadLetterEndpoints
{
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
        IReadOnlyList<DeadLetterRow> rows;
        try
        {
            rows = await DeadLetterReader.Create(context.RequestServices)!.ReadAsync(stream.Name, limit, hasBefore ? before : null, search: null, withRaw: true, context.RequestAborted);
        }
        catch (QueryException error)
        {
            throw QueryEndpoints.ToProblem(error);
        }

        await Answers.WriteJsonAsync(context, json => Write(json, rows, limit));
    }

    private static bool Wrong(QueryReader reader, string text)
    {
        reader.Wrong("before", $"'{text}' is not a position such as 0:1204331");
        return false;
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyList<DeadLetterRow> rows, int limit)
    {
        json.WriteStartObject();
        json.WriteStartArray("deadLetters");
        foreach (var row in rows)
        {
            json.WriteStartObject();
            json.WriteString("position", row.Position.ToString());
            json.WriteString("received_at", LogRowJson.Instant(row.ReceivedAtMicros));
            json.WriteString("source", row.Source);
            json.WriteString("field", row.Field);
            json.WriteString("reason", row.Reason);
            WriteRaw(json, row);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("next", rows.Count == limit ? rows[^1].Position.ToString() : null);
        json.WriteEndObject();
    }

    /// <summary>Bytes as text where they are text, and as base64 where they are not.</summary>
    private static void WriteRaw(Utf8JsonWriter json, DeadLetterRow row)
    {
        var text = row.Text;
        json.WriteString("raw", text);
        if (row.Raw is not { } raw || text is not null)
        {
            json.WriteNull("rawBase64");
        }
        else
        {
            json.WriteBase64String("rawBase64", raw.Span);
        }
    }
}
