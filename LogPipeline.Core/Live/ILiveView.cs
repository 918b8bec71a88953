using LogPipeline.Core.EventLog;

namespace LogPipeline.Core.Live;

/// <summary>What pages, REST and SSE read of the present: rolling metrics and the most recent events of one stream.</summary>
/// <remarks>Signal, then query: a subscriber learns that something changed and asks for what it shows. Safe from any thread.</remarks>
public interface ILiveView
{
    /// <summary>Calls back when something changed: at least 16 ms apart, never concurrently for one subscriber, stretched when <paramref name="changed"/> is slow.</summary>
    /// <returns>Ends the subscription.</returns>
    IDisposable Subscribe(Func<Task> changed);

    /// <summary>Metrics, series and rankings over a window. Filter terms other than level, source and endpoint are ignored, and named in the result.</summary>
    /// <exception cref="ArgumentException">The filter's regular expression is wrong.</exception>
    LiveSnapshot Read(LiveQuery query);

    /// <summary>Recent events that pass a filter.</summary>
    /// <exception cref="ArgumentException">The filter's regular expression is wrong.</exception>
    RecentPage ReadRecent(RecentQuery query);

    /// <summary>Everything about one recent event; null when it is no longer in memory.</summary>
    LogRow? Find(EventPosition position);

    /// <summary>How the view keeps up.</summary>
    LiveStatus Status { get; }

    /// <summary>Counts since the host started.</summary>
    LiveTotals Totals => new(0, 0, 0, 0);

    /// <summary>What was out of the ordinary, newest first: events of level ERROR or slower than the limit that are still in memory, and bursts.</summary>
    IReadOnlyList<LiveAnomaly> RecentAnomalies(AnomalyQuery query) => [];
}

/// <summary>Asks for metrics.</summary>
/// <param name="Filter">Which events count.</param>
/// <param name="Window">How far back, at most one hour.</param>
/// <param name="Buckets">Points of the series at most; each covers a whole number of seconds. One point covers the window exactly.</param>
/// <param name="To">End of the window; null for now.</param>
public sealed record LiveQuery(EventFilter Filter, TimeSpan Window, int Buckets = 90, DateTimeOffset? To = null);

/// <summary>The metrics grid, for one window.</summary>
/// <param name="EventsPerSecond">By the arrival clock, mean of the last 5 s (of the whole window for a window in the past).</param>
/// <param name="ErrorRate">Errors of all requests, in percent; an error is level ERROR or a status from 500.</param>
/// <param name="AverageResponseMs">Mean response time in milliseconds; null when no event has one.</param>
/// <param name="P50Ms">Median response time; null when no event has one. Relative error at most 2 %.</param>
/// <param name="P95Ms">95th percentile.</param>
/// <param name="P99Ms">99th percentile.</param>
/// <param name="ActiveSessions">Distinct sessions of the last 5 min; null when no event has one.</param>
/// <param name="SessionsExact">Whether that count is exact.</param>
/// <param name="BytesProcessed">Sum of the answers' sizes; null when no event has one.</param>
/// <param name="Requests">Events in the window.</param>
/// <param name="Errors">Errors in the window.</param>
public sealed record LiveMetrics(
    double EventsPerSecond,
    double ErrorRate,
    double? AverageResponseMs,
    double? P50Ms,
    double? P95Ms,
    double? P99Ms,
    long? ActiveSessions,
    bool SessionsExact,
    long? BytesProcessed,
    long Requests,
    long Errors);

/// <summary>One step of the series.</summary>
/// <param name="Start">Begin of the step, seconds since 1970.</param>
/// <param name="Seconds">Length of the step.</param>
/// <param name="Requests">Events.</param>
/// <param name="Errors">Errors.</param>
/// <param name="Status2xx">Events with status 200–299 (1xx too).</param>
/// <param name="Status3xx">Events with status 300–399.</param>
/// <param name="Status4xx">Events with status 400–499.</param>
/// <param name="Status5xx">Events with status 500–599.</param>
/// <param name="Debug">Events of level DEBUG or TRACE.</param>
/// <param name="Info">Events of level INFO, or of none.</param>
/// <param name="Warn">Events of level WARN.</param>
/// <param name="Error">Events of level ERROR or FATAL.</param>
/// <param name="Bytes">Sum of the answers' sizes.</param>
/// <param name="Sessions">Distinct sessions, estimated within 3 %.</param>
/// <param name="AverageMs">Mean response time, or null.</param>
/// <param name="P50Ms">Median response time, or null.</param>
/// <param name="P95Ms">95th percentile, or null.</param>
/// <param name="P99Ms">99th percentile, or null.</param>
public sealed record LiveBucket(
    long Start, int Seconds, long Requests, long Errors,
    long Status2xx, long Status3xx, long Status4xx, long Status5xx,
    long Debug, long Info, long Warn, long Error,
    long Bytes, long Sessions, double? AverageMs, double? P50Ms, double? P95Ms, double? P99Ms);

/// <summary>One line of a ranking.</summary>
/// <param name="Value">Endpoint or source.</param>
/// <param name="Method">Most frequent method, for endpoints.</param>
/// <param name="Requests">Events in the window.</param>
/// <param name="Errors">Errors in the window.</param>
/// <param name="P95Ms">95th percentile of the response time, or null.</param>
public sealed record TopRow(string Value, string? Method, long Requests, long Errors, double? P95Ms);

/// <summary>One status code of the mix.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Requests">Events in the window.</param>
public sealed record StatusRow(int Status, long Requests);

/// <summary>A stretch of time in which something was out of the ordinary.</summary>
/// <param name="Kind">error-burst or slow.</param>
/// <param name="Endpoint">Where, or null for everywhere.</param>
/// <param name="Start">Begin, seconds since 1970.</param>
/// <param name="End">End, seconds since 1970; the present while it goes on.</param>
/// <param name="Explanation">What was seen and what was expected, for a person.</param>
public sealed record AnomalyBand(string Kind, string? Endpoint, long Start, long End, string Explanation);

/// <summary>Everything the dashboard shows, at one instant.</summary>
/// <param name="At">The instant.</param>
/// <param name="Metrics">The window's metrics.</param>
/// <param name="Previous">The metrics of the window before; null when it is not known.</param>
/// <param name="Series">Steps, oldest first. They begin at multiples of their length, so that they stand still while time moves on: what lies in the window before the first of them is left out. A single step is the whole window.</param>
/// <param name="Endpoints">Endpoints by requests, at most 50.</param>
/// <param name="Sources">Sources by requests, at most 50.</param>
/// <param name="Statuses">Status codes by requests.</param>
/// <param name="EndpointCount">Distinct endpoints.</param>
/// <param name="SourceCount">Distinct sources.</param>
/// <param name="Anomalies">What was out of the ordinary, newest first.</param>
/// <param name="IgnoredFields">Fields of the filter that metrics cannot be filtered by.</param>
/// <param name="LastEventMicros">Time of receipt of the newest event, microseconds since 1970; 0 for none.</param>
public sealed record LiveSnapshot(
    DateTimeOffset At,
    LiveMetrics Metrics,
    LiveMetrics? Previous,
    IReadOnlyList<LiveBucket> Series,
    IReadOnlyList<TopRow> Endpoints,
    IReadOnlyList<TopRow> Sources,
    IReadOnlyList<StatusRow> Statuses,
    int EndpointCount,
    int SourceCount,
    IReadOnlyList<AnomalyBand> Anomalies,
    IReadOnlyList<string> IgnoredFields,
    long LastEventMicros);

/// <summary>Asks for recent events.</summary>
/// <remarks>
/// A single position names an event of this view, and means the order in which this host received events. Several name a place in
/// every partition; they mean the same on every host and after every start.
/// </remarks>
/// <param name="Filter">Which events.</param>
/// <param name="Limit">Rows at most.</param>
/// <param name="After">Only events received behind this one: the newest <paramref name="Limit"/> of them.</param>
/// <param name="Before">Only events received before this one: the newest <paramref name="Limit"/> of them.</param>
/// <param name="OldestFirst">With <paramref name="After"/>: the oldest <paramref name="Limit"/> instead, so that nothing is left out when reading on.</param>
public sealed record RecentQuery(EventFilter Filter, int Limit, EventPosition? After = null, EventPosition? Before = null, bool OldestFirst = false)
{
    /// <summary>Instead of the other two: only events before the offset of their partition; partitions that are not named have no bound.</summary>
    public IReadOnlyDictionary<int, long>? Bounds { get; init; }

    /// <summary>Instead of <see cref="Before"/>: only events received up to this one, itself included.</summary>
    public EventPosition? UpTo { get; init; }

    /// <summary>Instead of all others: only events behind the place of their partition, the oldest <see cref="Limit"/> of them; of a partition that is not named, all.</summary>
    public IReadOnlyList<EventPosition>? Behind { get; init; }
}

/// <summary>Recent events.</summary>
/// <param name="Rows">Rows, oldest first.</param>
/// <param name="Next">Read on behind this position: the newest event looked at, whether it passed or not.</param>
/// <param name="Scanned">Events looked at.</param>
/// <param name="Missed">Events behind <c>After</c> that had left the memory before they were read.</param>
/// <param name="Skipped">With <c>After</c> and newest first: matching events that the limit left out. Otherwise 0, because the search ends at the limit.</param>
public sealed record RecentPage(IReadOnlyList<LogRow> Rows, EventPosition? Next, long Scanned, long Missed, long Skipped)
{
    /// <summary>With <c>Before</c> or <c>Bounds</c>, for each partition in memory: from this offset to where the search began every event was looked at, and none before it.</summary>
    public IReadOnlyList<EventPosition> Reached { get; init; } = [];

    /// <summary>With <c>Behind</c>: the place in every partition up to which every event was looked at. Read on behind it.</summary>
    public IReadOnlyList<EventPosition> Place { get; init; } = [];
}

/// <summary>One event as pages show it.</summary>
/// <param name="Position">Where it stands in the event log.</param>
/// <param name="TimestampMicros">Time of the event, microseconds since 1970.</param>
/// <param name="ReceivedAtMicros">Time of receipt, microseconds since 1970.</param>
/// <param name="Level">Level, or null.</param>
/// <param name="Source">Source, or null.</param>
/// <param name="Endpoint">Endpoint, or null.</param>
/// <param name="Method">Method, or null.</param>
/// <param name="Status">Status, or null.</param>
/// <param name="ResponseTimeMs">Response time in milliseconds, or null.</param>
/// <param name="Message">Message, or null.</param>
public sealed record LogRow(
    EventPosition Position,
    long TimestampMicros,
    long ReceivedAtMicros,
    string? Level,
    string? Source,
    string? Endpoint,
    string? Method,
    int? Status,
    double? ResponseTimeMs,
    string? Message)
{
    /// <summary>The other columns of the stream that have a value, in the stream's order, as text.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Fields { get; init; } = [];

    /// <summary>Fields of the event that have no column.</summary>
    public IReadOnlyList<KeyValuePair<string, string?>> Attributes { get; init; } = [];
}

/// <summary>How the live view keeps up with the event log.</summary>
/// <param name="CaughtUp">Whether it has read to the end of the log once.</param>
/// <param name="Lag">Events in the log that it has not read.</param>
/// <param name="Retained">Events in memory.</param>
/// <param name="Capacity">Events that fit in memory.</param>
/// <param name="OldestMicros">Time of receipt of the oldest event in memory, microseconds since 1970; 0 for none.</param>
/// <param name="Late">Events that were too old to be charted.</param>
/// <param name="Gaps">Events that were gone from the log before they were read.</param>
/// <param name="Rejected">Dead letters seen.</param>
public sealed record LiveStatus(bool CaughtUp, long Lag, long Retained, long Capacity, long OldestMicros, long Late, long Gaps, long Rejected);
