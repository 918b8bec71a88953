using System.Globalization;
using System.Text.Json;
using LogPipeline.Core.Query;
using LogPipeline.Core.Query.Results;

namespace LogPipeline.Web.Rest;

/// <summary>Spark SQL over REST.</summary>
internal static class QueryEndpoints
{
    public static void MapQuery(this IEndpointRouteBuilder routes)
    {
        Api.Post(routes, "/api/query", "Query", "Runs one read-only Spark SQL statement", QueryAsync)
            .WithMetadata(new ApiBody("The statement; maxRows, timeoutSeconds and engine are optional. The answer says which engine gave it. Rows are written as they come: a connection that breaks off before the end means that the statement failed, and /api/query/history says how.", new Dictionary<string, string>
            {
                ["application/json"] = """{"query":"SELECT endpoint, count(*) AS n FROM delta_lake.logs GROUP BY endpoint ORDER BY n DESC LIMIT 5"}""",
            }))
            .Answers("""{"columns":[{"name":"endpoint","type":"string"},{"name":"n","type":"bigint"}],"results":[{"endpoint":"/api/cart","n":412}],"executionTime":"0.04s","executionMs":43,"truncated":false,"engine":"embedded","version":412}""");
        Api.Get(routes, "/api/query/history", "Query", "Statements that were run, newest first", HistoryAsync,
            new ApiParameter("limit", ParameterKind.Whole, "Statements at most.") { Default = 100, Least = 1, Greatest = 1000 });
    }

    /// <summary>A failed statement as a problem: Spark's error class and the place in the text.</summary>
    public static ProblemException ToProblem(QueryException error) =>
        new(StatusOf(error), "The statement has no answer", error.Message)
        {
            RetryAfter = StatusOf(error) is 429 or 503 ? TimeSpan.FromSeconds(2) : null,
            Extend = json =>
            {
                json.WriteString("errorClass", error.ErrorClass);
                json.WriteString("sqlState", error.SqlState);
                if (error.Line > 0)
                {
                    json.WriteNumber("line", error.Line);
                    json.WriteNumber("column", error.Column);
                }

                if (error.Start >= 0)
                {
                    json.WriteNumber("start", error.Start);
                    json.WriteNumber("length", error.Length);
                }

                if (error.Suggestions.Count > 0)
                {
                    json.WriteStartArray("suggestions");
                    foreach (var suggestion in error.Suggestions)
                    {
                        json.WriteStringValue(suggestion);
                    }

                    json.WriteEndArray();
                }
            },
        };

    /// <summary>States of class 08 are those of an engine that is out of reach: the statement may be right.</summary>
    private static int StatusOf(QueryException error) => error.ErrorClass switch
    {
        "TOO_MANY_QUERIES" => 429,
        "QUERY_TIMEOUT" => 408,
        _ => error.SqlState?.StartsWith("08", StringComparison.Ordinal) == true ? 503 : 400,
    };

    private static async Task QueryAsync(HttpContext context)
    {
        Contents.RequireJsonOrText(context.Request);
        new QueryReader(context).Check();
        var (sql, maxRows, timeout, engine) = await ReadAsync(context);
        context.Response.ContentType = "application/json; charset=utf-8";
        await using var response = new QueryResponse(context.Response.Body);
        try
        {
            var result = await context.RequestServices.GetRequiredService<QueryService>().ExecuteAsync(sql, maxRows, timeout, engine, rows: response, cancellationToken: context.RequestAborted);
            await response.CompleteAsync(result, context.RequestAborted);
        }
        catch (QueryException) when (context.Response.HasStarted)
        {
            // The answer has a status already: a connection that breaks off is the sign that rows are missing.
            context.Abort();
        }
        catch (QueryException error)
        {
            throw ToProblem(error);
        }
    }

    private static async Task<(string Sql, int? MaxRows, TimeSpan? Timeout, string? Engine)> ReadAsync(HttpContext context)
    {
        if (Contents.IsText(context.Request))
        {
            using var reader = new StreamReader(context.Request.Body);
            return (await reader.ReadToEndAsync(context.RequestAborted), null, null, null);
        }

        JsonDocument document;
        try
        {
            document = await JsonDocument.ParseAsync(context.Request.Body, default, context.RequestAborted);
        }
        catch (JsonException error)
        {
            throw new ProblemException(400, "The body is not JSON", string.Create(
                CultureInfo.InvariantCulture, $"Line {(error.LineNumber ?? 0) + 1}, byte {(error.BytePositionInLine ?? 0) + 1}: send {{\"query\": \"SELECT …\"}}."));
        }

        using (document)
        {
            var errors = new List<(string Field, string Message)>();
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                throw new ProblemException(400, "The body is wrong", "The body is not an object; send {\"query\": \"SELECT …\"}.");
            }

            var engines = context.RequestServices.GetRequiredService<QueryService>().State.Engines;
            var (sql, maxRows, seconds, engine) = ("", (int?)null, (double?)null, (string?)null);
            foreach (var member in document.RootElement.EnumerateObject())
            {
                switch (member.Name)
                {
                    case "query" when member.Value.ValueKind == JsonValueKind.String:
                        sql = member.Value.GetString()!;
                        break;
                    case "maxRows" when member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetInt32(out var rows) && rows is > 0 and <= QueryOptions.StreamedRowsCeiling:
                        maxRows = rows;
                        break;
                    case "timeoutSeconds" when member.Value.ValueKind == JsonValueKind.Number && member.Value.TryGetDouble(out var time) && time is > 0 and <= 86_400:
                        seconds = time;
                        break;
                    case "engine" when member.Value.ValueKind == JsonValueKind.String && engines.Contains(member.Value.GetString()):
                        engine = member.Value.GetString();
                        break;
                    case "query":
                        errors.Add(("query", "is not text"));
                        break;
                    case "maxRows":
                        errors.Add(("maxRows", string.Create(CultureInfo.InvariantCulture, $"is not a number from 1 to {QueryOptions.StreamedRowsCeiling}")));
                        break;
                    case "timeoutSeconds":
                        errors.Add(("timeoutSeconds", "is not a number above 0 and at most 86400"));
                        break;
                    case "engine":
                        errors.Add(("engine", $"is not one of {string.Join(", ", engines)}"));
                        break;
                    default:
                        errors.Add((member.Name, "is not understood; there are query, maxRows, timeoutSeconds and engine"));
                        break;
                }
            }

            if (sql.Length == 0 && !errors.Exists(error => error.Field == "query"))
            {
                errors.Add(("query", "is missing; send {\"query\": \"SELECT …\"}"));
            }

            return errors.Count == 0
                ? (sql, maxRows, seconds is { } limit ? TimeSpan.FromSeconds(limit) : null, engine)
                : throw new ProblemException(400, "The body is wrong", string.Join("; ", errors.Select(error => $"{error.Field} {error.Message}"))) { Errors = errors };
        }
    }

    private static Task HistoryAsync(HttpContext context)
    {
        var reader = new QueryReader(context);
        var limit = reader.Whole("limit");
        reader.Check();
        var entries = context.RequestServices.GetRequiredService<QueryService>().History.Entries;
        return Answers.WriteJsonAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("history");
            foreach (var entry in entries.Take(limit))
            {
                json.WriteStartObject();
                json.WriteString("query", entry.Sql);
                json.WriteString("at", entry.At.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
                json.WriteString("engine", entry.Engine);
                json.WriteNumber("executionMs", Math.Round(entry.Milliseconds));
                json.WriteNumber("rows", entry.Rows);
                json.WriteBoolean("truncated", entry.Truncated);
                json.WriteString("errorClass", entry.ErrorClass);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }
}
