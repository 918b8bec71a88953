using System.Text.Json;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Ingest.Files;
using LogPipeline.Core.Streams;
using LogPipeline.Web.Security;
using Microsoft.AspNetCore.Http.Features;

namespace LogPipeline.Web.Rest;

/// <summary>Takes events in: they are durable when the sender gets its answer.</summary>
internal static class IngestEndpoints
{
    /// <summary>Where verbs of the same user hand files to the owner of the data folder.</summary>
    public const string ImportPath = "/api/owner/import";

    public static void MapIngest(this IEndpointRouteBuilder routes)
    {
        Api.Post(routes, "/api/ingest/{stream}", "Ingest", "Takes in events: one JSON event, an array, NDJSON, or lines of an access log; gzip too", IngestAsync,
                new ApiParameter("{stream}", ParameterKind.Text, "Stream that the events belong to.") { Example = "web-logs" },
                new ApiParameter("format", ParameterKind.Text, "json, common, combined, or an nginx log_format; found out when absent.") { Example = "combined" },
                new ApiParameter("source", ParameterKind.Text, "Source of events that name none."))
            .WithMetadata(new ApiBody("Events. The header Idempotency-Key makes a repeat add nothing; Content-Encoding: gzip is understood.", new Dictionary<string, string>
            {
                ["application/json"] = """{"endpoint":"/api/cart","method":"POST","status":201,"response_time":84.2,"level":"INFO","source":"checkout","message":"added"}""",
                ["application/x-ndjson"] = "\"{\\\"endpoint\\\":\\\"/a\\\",\\\"status\\\":200}\\n{\\\"endpoint\\\":\\\"/b\\\",\\\"status\\\":404}\"",
                ["text/plain"] = "\"203.0.113.7 - - [23/Nov/2026:14:42:07 +0000] \\\"GET / HTTP/1.1\\\" 200 512 \\\"-\\\" \\\"curl/8\\\"\"",
            }))
            .Answers("""{"accepted":2,"rejected":1,"duplicate":0,"errors":[{"index":2,"field":"status","reason":"'abc' is not a whole number"}]}""", description: "Durable; 422 when every record was rejected");
        routes.MapPost(ImportPath, (Delegate)ImportAsync).ExcludeFromDescription().DisableAntiforgery();
    }

    private static async Task IngestAsync(HttpContext context)
    {
        Contents.RequireJsonOrText(context.Request);
        var reader = new QueryReader(context);
        var (format, source) = (reader.Text("format"), reader.Text("source"));
        reader.Check();
        var stream = StreamParameter.Find(context.RequestServices.GetRequiredService<StreamRegistry>(), (string)context.Request.RouteValues["stream"]!);
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = context.RequestServices.GetRequiredService<IngestOptions>().MaxBodyBytes;
        }

        var request = new IngestRequest(stream.Name)
        {
            Format = format,
            Source = source,
            OneALine = Contents.IsText(context.Request) || context.Request.ContentType!.Contains("ndjson", StringComparison.OrdinalIgnoreCase) || context.Request.ContentType.Contains("jsonl", StringComparison.OrdinalIgnoreCase),
            IsGzip = IsGzip(context.Request),
            IdempotencyKey = context.Request.Headers.TryGetValue("Idempotency-Key", out var key) ? key.ToString() : null,
        };
        IngestReport report;
        try
        {
            report = await context.RequestServices.GetRequiredService<IngestService>().IngestAsync(request, context.Request.Body, context.RequestAborted);
        }
        catch (IngestException error)
        {
            throw error.Message.Contains("MaxBodyBytes", StringComparison.Ordinal)
                ? new ProblemException(413, "The body is too large", error.Message)
                : new ProblemException(400, "The body cannot be taken in", error.Message);
        }

        if (!report.IsComplete)
        {
            throw new ProblemException(report.RetryAfter is null ? 503 : 429, "Not everything was taken in", report.Problem!)
            {
                RetryAfter = report.RetryAfter,
                Extend = json => WriteReport(json, report),
            };
        }

        var allRejected = report is { Rejected: > 0, Accepted: 0, Duplicate: 0 };
        await Answers.WriteJsonAsync(context, json =>
        {
            json.WriteStartObject();
            WriteReport(json, report);
            json.WriteEndObject();
        }, allRejected ? 422 : 200);
    }

    /// <summary>Writes what became of the records as members of an object.</summary>
    public static void WriteReport(Utf8JsonWriter json, IngestReport report)
    {
        json.WriteNumber("accepted", report.Accepted);
        json.WriteNumber("rejected", report.Rejected);
        json.WriteNumber("duplicate", report.Duplicate);
        json.WriteStartArray("errors");
        foreach (var error in report.Errors)
        {
            json.WriteStartObject();
            json.WriteNumber("index", error.Index);
            json.WriteString("field", error.Field);
            json.WriteString("reason", error.Reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static bool IsGzip(HttpRequest request) => request.Headers.ContentEncoding.ToString().ToUpperInvariant() switch
    {
        "" or "IDENTITY" => false,
        "GZIP" or "X-GZIP" => true,
        var other => throw new ProblemException(415, "The content encoding is not understood", $"'{other.ToLowerInvariant()}' is not understood; send gzip, or none."),
    };

    /// <summary>Imports a file of this machine. Only who can read host.lock may name files: that is the same user.</summary>
    private static async Task ImportAsync(HttpContext context)
    {
        var keys = context.RequestServices.GetRequiredService<AccessKeys>();
        if (!keys.IsOwner(context.Request.Headers.Authorization.ToString()))
        {
            throw new ProblemException(403, "Only the owner's own verbs may do that", "Send events to /api/ingest/{stream} instead.");
        }

        using var document = await JsonDocument.ParseAsync(context.Request.Body, default, context.RequestAborted);
        var root = document.RootElement;
        var stream = StreamParameter.Find(context.RequestServices.GetRequiredService<StreamRegistry>(), root.GetProperty("stream").GetString()!);
        var log = context.RequestServices.GetRequiredService<IEventLogs>().Find(stream.Name)!;
        try
        {
            var one = await context.RequestServices.GetRequiredService<FileImport>().ImportAsync(
                log, root.GetProperty("path").GetString()!, new FileImportRequest(root.GetProperty("format").GetString(), root.GetProperty("again").GetBoolean()), null, context.RequestAborted);
            await Answers.WriteJsonAsync(context, json =>
            {
                json.WriteStartObject();
                json.WriteNumber("knownLines", one.KnownLines);
                json.WriteString("problem", one.Report.Problem);
                WriteReport(json, one.Report);
                json.WriteEndObject();
            });
        }
        catch (IngestException error)
        {
            throw new ProblemException(400, "The file cannot be taken in", error.Message);
        }
    }
}
