using System.Globalization;
using System.Text.Json;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Live;
using LogPipeline.Core.Query;
using LogPipeline.Core.Query.Events;
using LogPipeline.Web.Sse;

namespace LogPipeline.Web.Rest;

/// <summary>Metrics, logs and anomalies of the present.</summary>
internal static class LiveEndpoints
{
    private static readonly TimeSpan DefaultWindow = TimeSpan.FromMinutes(15);
    private static readonly ApiParameter Window = new("window", ParameterKind.Duration, "How far back, 1s to 1h; 15min when absent.") { Example = "15min" };

    public static void MapLive(this IEndpointRouteBuilder routes)
    {
        Api.Get(routes, "/api/metrics", "Live", "Rolling metrics over a window", MetricsAsync, [StreamParameter.Parameter, .. FilterParameters.ForMetrics, Window])
            .Answers("""{"eventsPerSec":49.8,"errorRate":0.86,"avgResponseTime":88.1,"p50":61.2,"p95":214.0,"p99":468.0,"activeSessions":8293,"dataProcessed":4619.2,"totalRequests":44820,"totalErrors":385,"windowSeconds":900,"lastUpdate":"2026-11-23T14:42:07.011000Z"}""");
        Api.Get(routes, "/api/logs", "Live", "Events, newest first: of memory, then of the table, back to the first one", LogsAsync,
            [
                StreamParameter.Parameter,
                new("limit", ParameterKind.Whole, "Events at most.") { Default = 100, Least = 1, Greatest = 1000 },
                new("before", ParameterKind.Text, "Read on: the value of next in the answer before. It is null once the first event was reached; until then a page may hold fewer events than the limit.") { Example = "0:1204331" },
                .. FilterParameters.ForEvents,
            ])
            .Answers("""{"logs":[{"position":"0:1204331","timestamp":"2026-11-23T14:42:07.011000Z","level":"INFO","source":"catalog","endpoint":"/api/products","method":"GET","status":200,"response_time":16.0,"message":"served 24 products","received_at":"2026-11-23T14:42:07.020000Z"}],"next":"0:1204331"}""");
        Api.Get(routes, "/api/anomalies", "Live", "What was out of the ordinary, newest first", AnomaliesAsync,
                StreamParameter.Parameter,
                new ApiParameter("limit", ParameterKind.Whole, "Anomalies at most.") { Default = 100, Least = 1, Greatest = 1000 },
                new ApiParameter("since", ParameterKind.Instant, "Only at this time or later.") { Example = "2026-11-23T14:00:00Z" },
                new ApiParameter("endpoint", ParameterKind.Text, "Only at this endpoint."),
                new ApiParameter("source", ParameterKind.Text, "Only from this source."))
            .Answers("""{"anomalies":[{"timestamp":"2026-11-23T14:42:07.011000Z","kind":"slow","endpoint":"/api/checkout","source":"checkout","level":"WARN","value":1830.2,"expected":1000,"explanation":"took 1,830 ms; slower than 1,000 ms","position":"0:1204331"}]}""");
    }

    private static Task AnomaliesAsync(HttpContext context)
    {
        var reader = new QueryReader(context);
        var stream = StreamParameter.Read(context, reader);
        var query = new AnomalyQuery(reader.Whole("limit"), reader.Instant("since"), reader.Text("endpoint"), reader.Text("source"));
        reader.Check();
        var anomalies = StreamParameter.LiveOf(context, stream).RecentAnomalies(query);
        return Answers.WriteJsonAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("anomalies");
            foreach (var one in anomalies)
            {
                json.WriteStartObject();
                json.WriteString("timestamp", LogRowJson.Instant(one.At.UtcTicks / TimeSpan.TicksPerMicrosecond - (DateTime.UnixEpoch.Ticks / TimeSpan.TicksPerMicrosecond)));
                json.WriteString("kind", one.Kind);
                json.WriteString("endpoint", one.Endpoint);
                json.WriteString("source", one.Source);
                json.WriteString("level", one.Level);
                WriteOptional(json, "value", one.Value);
                WriteOptional(json, "expected", one.Expected);
                json.WriteString("explanation", one.Explanation);
                json.WriteString("position", one.Position?.ToString());
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static void WriteOptional(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
        {
            json.WriteNumber(name, Math.Round(number, 3));
        }
        else
        {
            json.WriteNull(name);
        }
    }

    /// <summary>Writes the metrics as REST and SSE show them.</summary>
    public static void WriteMetrics(Utf8JsonWriter json, LiveSnapshot snapshot, TimeSpan window)
    {
        var metrics = snapshot.Metrics;
        json.WriteStartObject();
        json.WriteNumber("eventsPerSec", Math.Round(metrics.EventsPerSecond, 2));
        json.WriteNumber("errorRate", Math.Round(metrics.ErrorRate, 4));
        WriteOptional(json, "avgResponseTime", metrics.AverageResponseMs);
        WriteOptional(json, "p50", metrics.P50Ms);
        WriteOptional(json, "p95", metrics.P95Ms);
        WriteOptional(json, "p99", metrics.P99Ms);
        WriteOptional(json, "activeSessions", metrics.ActiveSessions);
        WriteOptional(json, "dataProcessed", metrics.BytesProcessed / 1e6);
        json.WriteNumber("totalRequests", metrics.Requests);
        json.WriteNumber("totalErrors", metrics.Errors);
        json.WriteNumber("windowSeconds", (long)window.TotalSeconds);
        json.WriteString("lastUpdate", snapshot.At.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        json.WriteEndObject();
    }

    /// <summary>The metrics of the window that requests get when they name none.</summary>
    public static void WriteDefaultMetrics(Utf8JsonWriter json, ILiveView live, EventFilter filter) =>
        WriteMetrics(json, live.Read(new LiveQuery(filter, DefaultWindow, Buckets: 1)), DefaultWindow);

    private static Task MetricsAsync(HttpContext context)
    {
        var reader = new QueryReader(context);
        var stream = StreamParameter.Read(context, reader);
        var filter = FilterParameters.Read(reader, metricsOnly: true);
        var window = reader.Duration("window", DefaultWindow, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        reader.Check();
        var snapshot = StreamParameter.LiveOf(context, stream).Read(new LiveQuery(filter, window, Buckets: 1));
        return Answers.WriteJsonAsync(context, json => WriteMetrics(json, snapshot, window));
    }

    private static async Task LogsAsync(HttpContext context)
    {
        var reader = new QueryReader(context);
        var stream = StreamParameter.Read(context, reader);
        var filter = FilterParameters.Read(reader);
        var limit = reader.Whole("limit");
        var before = PositionsOf(reader, "before");
        reader.Check();
        EventPage page;
        try
        {
            page = await context.RequestServices.GetRequiredService<IEventPages>().ReadAsync(stream.Name, filter, limit, before, context.RequestAborted);
        }
        catch (ArgumentException error)
        {
            throw new ProblemException(400, "A parameter is wrong", $"q is not a regular expression: {error.Message}") { Errors = [("q", error.Message)] };
        }
        catch (QueryException error)
        {
            throw QueryEndpoints.ToProblem(error);
        }

        var rows = new LogRowJson(stream.Schema);
        await Answers.WriteJsonAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("logs");
            foreach (var row in page.Rows)
            {
                rows.Write(json, row);
            }

            json.WriteEndArray();
            json.WriteString("next", page.Next is { } next ? PositionVector.Write(next) : null);
            json.WriteEndObject();
        });
    }

    private static IReadOnlyList<EventPosition> PositionsOf(QueryReader reader, string name)
    {
        if (reader.Text(name) is not { } text)
        {
            return [];
        }

        if (PositionVector.TryRead(text, out var positions))
        {
            return positions;
        }

        reader.Wrong(name, $"'{text}' is not a position such as 0:1204331");
        return [];
    }
}
