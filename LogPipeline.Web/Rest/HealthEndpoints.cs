using System.Text.Json;
using LogPipeline.Core.Configuration;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Health;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Live;
using LogPipeline.Web.Hosting;

namespace LogPipeline.Web.Rest;

/// <summary>Whether the host lives, whether it takes events, and how every stage is.</summary>
internal static class HealthEndpoints
{
    /// <summary>Where <c>/health</c> is served when a program asks; a browser gets the page of that name.</summary>
    public const string InternalPath = "/api/health";

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        Api.Get(routes, "/ping", "Health", "Answers pong", context => WriteTextAsync(context, 200, "pong"));
        Api.Get(routes, "/health/live", "Health", "Whether the process answers", context => WriteTextAsync(context, 200, "live"));
        Api.Get(routes, "/health/ready", "Health", "Whether events are taken in; 503 while not", ReadyAsync);
        Api.Get(routes, InternalPath, "Health", "How every stage is; served at /health too. 503 only when disconnected", HealthAsync, StreamParameter.Parameter)
            .Answers("""{"status":"ok","topic":"web-logs","broker":"embedded","engine":"embedded","clients":3,"kafkaConnected":true,"version":"0.1.0","processId":4711,"checkedAt":"2026-11-23T14:42:07.011Z","metrics":{"eventsPerSec":49.8,"errorRate":0.86},"stages":[{"name":"Event log","state":"connected","about":"FasterLog · 12 MB","problem":null,"headline":"50/s","figures":{"rate":"50/s"}}],"conservation":{"received":50000,"stored":49950,"duplicate":0,"deadLettered":0,"inFlight":50,"difference":0},"writer":{"table":"logs","state":"following","batchRows":50,"batchDurationMs":9.1},"table":{"name":"logs","version":412,"ageSeconds":0.8},"kafka":null,"spark":null}""");
    }

    /// <summary>Sends programs that ask for <c>/health</c> to the report, and leaves browsers their page.</summary>
    public static void UseHealthPath(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.Request.Path.Equals("/health", StringComparison.OrdinalIgnoreCase)
            && !context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase))
        {
            context.Request.Path = InternalPath;
        }

        return next(context);
    });

    private static Task ReadyAsync(HttpContext context)
    {
        var report = ReportOf(context, null);

        // A query engine that starts keeps no event out.
        var stage = report.Stages.FirstOrDefault(one => one.State is HealthState.Disconnected or HealthState.Connecting && one.Name is not "Query");
        var ready = report.State switch { HealthState.Disconnected => false, HealthState.Connecting => stage is null, _ => true };
        if (ready)
        {
            return WriteTextAsync(context, 200, "ready");
        }

        return Problems.WriteAsync(context, 503, "The host is not ready", $"{stage?.Name}: {stage?.Problem ?? "starting"}");
    }

    private static Task HealthAsync(HttpContext context)
    {
        var reader = new QueryReader(context);
        var stream = StreamParameter.Read(context, reader);
        reader.Check();
        var report = ReportOf(context, stream.Name);
        var options = context.RequestServices.GetRequiredService<PipelineOptions>();
        var live = context.RequestServices.GetRequiredService<ILiveViews>().Find(stream.Name);
        var eventLog = report.Stages.First(stage => stage.Name == "Event log").State;
        return Answers.WriteJsonAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteString("status", StatusOf(report.State));
            json.WriteString("topic", stream.Topic);
            json.WriteString("broker", options.Broker == BrokerKind.Embedded ? "embedded" : "kafka");
            json.WriteString("engine", options.Engine == EngineKind.Embedded ? "embedded" : "spark");
            json.WriteNumber("clients", context.RequestServices.GetRequiredService<IWebActivity>().Read().Clients);
            json.WriteBoolean("kafkaConnected", eventLog is HealthState.Connected or HealthState.Partial);
            json.WriteString("version", ProductVersion.Text);
            json.WriteNumber("processId", Environment.ProcessId);
            ExternalSystemsJson.WriteInstant(json, "checkedAt", report.At);
            json.WritePropertyName("metrics");
            if (live is null)
            {
                json.WriteNullValue();
            }
            else
            {
                LiveEndpoints.WriteDefaultMetrics(json, live, EventFilter.None);
            }

            WriteStages(json, report.Stages);
            WriteConservation(json, report.Conservation);
            ExternalSystemsJson.WriteWriter(json, "writer", context.RequestServices.GetService<ITableWriters>()?.Find(stream.Name));
            WriteTable(json, stream.Table, context.RequestServices.GetService<LakeStatus>());
            ExternalSystemsJson.WriteBrokers(json, "kafka", context.RequestServices.GetService<IBrokerBrowser>()?.Status, withAddresses: true);
            ExternalSystemsJson.WriteEngine(json, "spark", context.RequestServices.GetService<IEngineHealth>()?.Status, withAddresses: true);
            json.WriteEndObject();
        }, report.State == HealthState.Disconnected ? 503 : 200);
    }

    private static void WriteStages(Utf8JsonWriter json, IReadOnlyList<StageHealth> stages)
    {
        json.WriteStartArray("stages");
        foreach (var stage in stages)
        {
            json.WriteStartObject();
            json.WriteString("name", stage.Name);
            json.WriteString("state", ExternalSystemsJson.Word(stage.State));
            json.WriteString("about", stage.About);
            json.WriteString("problem", stage.Problem);
            json.WriteString("headline", stage.Headline);
            json.WriteStartObject("figures");
            foreach (var figure in stage.Figures)
            {
                json.WriteString(figure.Label, figure.Value);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteConservation(Utf8JsonWriter json, Conservation conservation)
    {
        json.WriteStartObject("conservation");
        json.WriteNumber("received", conservation.Received);
        json.WriteNumber("stored", conservation.Stored);
        json.WriteNumber("duplicate", conservation.Duplicate);
        json.WriteNumber("deadLettered", conservation.DeadLettered);
        json.WriteNumber("inFlight", conservation.InFlight);
        json.WriteNumber("difference", conservation.Difference);
        json.WriteEndObject();
    }

    private static HealthReport ReportOf(HttpContext context, string? stream) =>
        context.RequestServices.GetRequiredService<IHealthSource>()
            .Read(stream ?? context.RequestServices.GetRequiredService<Core.Streams.StreamRegistry>().Default.Name);

    private static string StatusOf(HealthState state) => state == HealthState.Connected ? "ok" : ExternalSystemsJson.Word(state);

    private static void WriteTable(Utf8JsonWriter json, string table, LakeStatus? lake)
    {
        LakeTableStatus? status = null;
        string? problem = null;
        try
        {
            status = lake?.Read(table);
        }
        catch (Exception error) when (error is LakeException or IOException or UnauthorizedAccessException)
        {
            problem = error.Message;
        }

        if (status is null && problem is null)
        {
            json.WriteNull("table");
            return;
        }

        json.WriteStartObject("table");
        json.WriteString("name", table);
        json.WriteString("problem", problem);
        if (status is not null)
        {
            json.WriteNumber("version", status.Version);
            ExternalSystemsJson.WriteInstant(json, "committedAt", status.CommittedAt);
            json.WriteNumber("ageSeconds", Math.Round(status.Age.TotalSeconds, 1));
            json.WriteNumber("files", status.Files);
            json.WriteNumber("sizeBytes", status.SizeBytes);
        }

        json.WriteEndObject();
    }

    private static Task WriteTextAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.WriteAsync(text, context.RequestAborted);
    }
}
