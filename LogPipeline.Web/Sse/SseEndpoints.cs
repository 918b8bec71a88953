using System.Diagnostics.Metrics;
using LogPipeline.Core.Configuration;
using LogPipeline.Core.EventLog;
using LogPipeline.Web.Hosting;
using LogPipeline.Web.Rest;
using Microsoft.AspNetCore.Http.Features;

namespace LogPipeline.Web.Sse;

/// <summary><c>GET /events</c>: metrics and events as they come, resumable without a gap.</summary>
internal static class SseEndpoints
{
    /// <summary>How long a client may take for one buffer.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public static void MapEvents(this IEndpointRouteBuilder routes) =>
        Api.Get(routes, "/events", "Live", "Server-sent events: metrics once a second, log for every event; Last-Event-ID resumes without a gap", EventsAsync,
            [
                StreamParameter.Parameter,
                new("lastEventId", ParameterKind.Text, "Position that was seen, or start for everything that is kept; for clients that cannot set the header Last-Event-ID.") { Example = "0:1204331" },
                .. FilterParameters.ForEvents,
            ])
            .WithMetadata(new ApiAnswer(200, "A stream of events", "\"event: log\\nid: 0:1204331\\ndata: {…}\"", "text/event-stream"));

    private static async Task EventsAsync(HttpContext context)
    {
        var reader = new QueryReader(context);
        var stream = StreamParameter.Read(context, reader);
        var filter = FilterParameters.Read(reader);
        var from = PositionOf(context, reader);
        reader.Check();
        var log = context.RequestServices.GetRequiredService<IEventLogs>().Find(stream.Name)
            ?? throw new ProblemException(503, "The event log is not there", $"Stream {stream.Name} has no event log.");
        var live = StreamParameter.LiveOf(context, stream);
        var time = context.RequestServices.GetRequiredService<TimeProvider>();
        var clients = context.RequestServices.GetRequiredService<WebClients>();
        var limit = context.RequestServices.GetRequiredService<HttpOptions>().MaxEventStreams;
        using var writer = new EventStreamWriter(context.Response.Body, clients, time, Patience);
        EventStream events;
        try
        {
            events = new EventStream(stream, log, live, filter, writer, time);
        }
        catch (ArgumentException error)
        {
            throw new ProblemException(400, "A parameter is wrong", $"q is not a regular expression: {error.Message}") { Errors = [("q", error.Message)] };
        }

        using var visit = clients.TryOpenStream(limit)
            ?? throw new ProblemException(429, "Too many event streams are open", $"LogPipeline:Http:MaxEventStreams is {limit}.") { RetryAfter = TimeSpan.FromSeconds(5) };
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        var stopping = context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        try
        {
            await events.RunAsync(from, ended.Token);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The client went, or the host stops: it comes again with its last id.
        }
        catch (SlowReaderException)
        {
            context.RequestServices.GetRequiredService<SseEvents>().Dropped("too slow");
            clients.CountDropped();
            context.Abort();
        }
    }

    private static IReadOnlyList<EventPosition>? PositionOf(HttpContext context, QueryReader reader)
    {
        var header = context.Request.Headers["Last-Event-ID"].ToString();
        var text = header.Length > 0 ? header : reader.Text("lastEventId");
        if (text is null)
        {
            return null;
        }

        if (text == "start")
        {
            return [];
        }

        if (PositionVector.TryRead(text, out var positions))
        {
            return positions;
        }

        reader.Wrong("Last-Event-ID", $"'{text}' is not a position such as 0:1204331");
        return null;
    }
}

/// <summary>What happens to event streams: the log line and the counter together.</summary>
internal sealed partial class SseEvents : IDisposable
{
    private readonly ILogger<SseEvents> logger;
    private readonly Meter meter;
    private readonly Counter<long> dropped;

    public SseEvents(ILogger<SseEvents> logger, IMeterFactory meters)
    {
        this.logger = logger;
        meter = meters.Create("LogPipeline.Web");
        dropped = meter.CreateCounter<long>("logpipeline.web.event_streams.dropped", unit: "{stream}", description: "Event streams ended by the host, by reason");
    }

    /// <summary>A client was ended.</summary>
    public void Dropped(string reason)
    {
        dropped.Add(1, new KeyValuePair<string, object?>("reason", reason));
        DroppedLine(reason);
    }

    /// <inheritdoc/>
    public void Dispose() => meter.Dispose();

    [LoggerMessage(Level = LogLevel.Warning, Message = "An event stream was ended: {Reason}")]
    private partial void DroppedLine(string reason);
}
