using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Ingest.Files;
using LogPipeline.Core.Streams;
using LogPipeline.Web.Security;
using Microsoft.AspNetCore.Http.Features;

namespace LogPipeline.Web.Rest;

/// <summary>Events in, over HTTP. The answer comes when they are durable.</summary>
internal static class IngestEndpoints
{
    public static void MapIngest(this IEndpointRouteBuilder routes)
    {
        Api.Post(routes, "/api/ingest/{stream}", "Ingest", "Takes in events; answers when they are durable", IngestAsync,
                new ApiParameter("{stream}", ParameterKind.Text, "Stream that they belong to.") { Example = "web-logs" },
                new ApiParameter("format", ParameterKind.Text, "json, common, combined, or an nginx log_format; found out when absent.") { Example = "combined" },
                new ApiParameter("source", ParameterKind.Text, "Source of events that name none.") { Example = "shop-1" })
            .WithMetadata(new ApiBody("One JSON event, a JSON array, one event a line (application/x-ndjson), or access-log lines (text/plain). Content-Encoding gzip; Idempotency-Key.", new Dictionary<string, string>
            {
                ["application/json"] = """{"level":"ERROR","endpoint":"/api/checkout","status":504,"response_time":3012.4}""",
            }))
            .Answers("""{"accepted":2,"rejected":1,"duplicate":0,"errors":[{"index":1,"field":"status","reason":"must be a whole number, not the text \"abc\""}]}""");
        routes.MapPost("/api/import", (Delegate)ImportAsync).ExcludeFromDescription().DisableAntiforgery();
    }

    /// <summary>Members of a report.</summary>
    public static void Write(Utf8JsonWriter json, IngestReport report)
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

    private static async Task IngestAsync(HttpContext context)
    {
        Contents.RequireJsonOrText(context.Request);
        var reader = new QueryReader(context);
        var format = reader.Text("format");
        var source = reader.Text("source");
        reader.Check();
        var services = context.RequestServices;
        var stream = StreamParameter.Find(services.GetRequiredService<StreamRegistry>(), (string)context.Request.RouteValues["stream"]!);
        var encoding = context.Request.Headers.ContentEncoding.ToString();
        if (encoding is not ("" or "identity" or "gzip" or "x-gzip"))
        {
            throw new ProblemException(415, "The content encoding is not understood", $"'{encoding}' is not understood; send gzip or no Content-Encoding.");
        }

        context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = services.GetRequiredService<IngestOptions>().MaxBodyBytes;
        IngestReport report;
        try
        {
            report = await services.GetRequiredService<IngestService>().IngestAsync(
                new IngestRequest(stream.Name)
                {
                    Format = format,
                    Source = source,
                    OneALine = context.Request.ContentType?.Contains("ndjson", StringComparison.OrdinalIgnoreCase) == true || context.Request.ContentType?.Contains("jsonl", StringComparison.OrdinalIgnoreCase) == true,
                    IsGzip = encoding is "gzip" or "x-gzip",
                    IdempotencyKey = context.Request.Headers.TryGetValue("Idempotency-Key", out var key) ? key.ToString() : null,
                },
                context.Request.Body,
                context.RequestAborted);
        }
        catch (IngestException error)
        {
            throw new ProblemException(error.Message.Contains("is larger than", StringComparison.Ordinal) ? 413 : 400, "The request cannot be taken in", error.Message);
        }

        if (!report.IsComplete)
        {
            throw new ProblemException(report.RetryAfter is null ? 503 : 429, "Not everything was taken", report.Problem! + ". Send what is missing again later; with an Idempotency-Key send all of it.")
            {
                RetryAfter = report.RetryAfter ?? TimeSpan.FromSeconds(5),
                Extend = json => Write(json, report),
            };
        }

        var allRejected = report is { Accepted: 0, Duplicate: 0, Rejected: > 0 };
        await Answers.WriteJsonAsync(
            context,
            json =>
            {
                json.WriteStartObject();
                Write(json, report);
                json.WriteEndObject();
            },
            allRejected ? 422 : 200);
    }

    /// <summary>Takes in a file of this machine for the command line, which proves with the owner's token that it may read host.lock.</summary>
    private static async Task ImportAsync(HttpContext context)
    {
        var services = context.RequestServices;
        var given = context.Request.Headers.Authorization.ToString();
        var wanted = "Bearer " + services.GetRequiredService<AccessKeys>().OwnerToken;
        if (!CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), SHA256.HashData(Encoding.UTF8.GetBytes(wanted))))
        {
            throw new ProblemException(403, "Only the command line imports files", "Use logpipeline import on the machine of the host.");
        }

        var reader = new QueryReader(context);
        var path = reader.Text("path");
        var format = reader.Text("format");
        var name = reader.Text("stream");
        var again = reader.Text("again") == "1";
        reader.Check();
        var streams = services.GetRequiredService<StreamRegistry>();
        var stream = name is null ? streams.Default : StreamParameter.Find(streams, name);
        try
        {
            var report = await services.GetRequiredService<FileImport>().ImportAsync(
                services.GetRequiredService<IEventLogs>().Find(stream.Name)!, path ?? "", new FileImportRequest(format, again), progress: null, context.RequestAborted);
            await Answers.WriteJsonAsync(context, json =>
            {
                json.WriteStartObject();
                Write(json, report.Report);
                json.WriteNumber("knownLines", report.KnownLines);
                json.WriteString("problem", report.Report.Problem);
                json.WriteEndObject();
            });
        }
        catch (IngestException error)
        {
            throw new ProblemException(400, "The file cannot be taken in", error.Message);
        }
    }
}
