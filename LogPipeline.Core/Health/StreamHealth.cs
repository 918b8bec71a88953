using LogPipeline.Core.Configuration;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Live;
using LogPipeline.Core.Query;

namespace LogPipeline.Core.Health;

/// <summary>The health of the pipeline for one stream. Used by one thread at a time.</summary>
internal sealed class StreamHealth(
    IEventLog log, ILiveView? live, EngineKind engine, ITableWriter? writer, QueryService queries, IngestCounters ingest, StreamAccountReader accounts, IWebActivity? web, TimeProvider time)
{
    /// <summary>A writer that is this far behind in time is said to lag.</summary>
    private static readonly TimeSpan Behind = TimeSpan.FromSeconds(10);

    private readonly Lock gate = new();
    private readonly StreamTrace trace = new();
    private StreamAccount? account;
    private string? tableProblem;

    /// <summary>Looks at every stage now.</summary>
    public HealthReport Look()
    {
        lock (gate)
        {
            var now = time.GetUtcNow();
            try
            {
                account = accounts.Read();
                tableProblem = null;
            }
            catch (Exception error) when (error is LakeException or IOException or UnauthorizedAccessException)
            {
                tableProblem = error.Message;
            }

            var one = account ?? new StreamAccount(log.Bounds.Sum(bounds => bounds.End), 0, 0, 0, true, null, null);
            trace.Add(now, one.End, one.End - one.InFlight, live?.Status.Rejected ?? one.DeadLetters);
            var status = log.Status;
            var age = status.LastAppendMicros == 0 ? (TimeSpan?)null : now - DateTimeOffset.UnixEpoch.AddTicks(status.LastAppendMicros * TimeSpan.TicksPerMicrosecond);
            var taken = ingest.Read(log.Stream.Name);
            StageHealth[] stages = [Ingest(status, taken, age), EventLog(status, age), Live(age), Lake(one, now), Query(one, now), Web(now)];
            return new HealthReport(now, Worst(stages), stages, new Conservation(
                one.End + taken.Duplicate, one.Rows, taken.Duplicate, one.DeadLetters, one.InFlight, trace.OldestWaiting?.TotalMilliseconds));
        }
    }

    private static HealthState Worst(IEnumerable<StageHealth> stages)
    {
        var states = stages.Where(stage => stage.Name is not "Web").Select(stage => (stage.Name, stage.State)).ToList();
        return states.Exists(one => one is ("Event log", HealthState.Disconnected)) ? HealthState.Disconnected
            : states.Exists(one => one.State is HealthState.Partial or HealthState.Disconnected) ? HealthState.Partial
            : states.Exists(one => one.State is HealthState.Connecting) ? HealthState.Connecting
            : HealthState.Connected;
    }

    private StageHealth Ingest(EventLogStatus status, IngestFigures taken, TimeSpan? age) => new(
        "Ingest",
        status.Writable ? HealthState.Connected : HealthState.Disconnected,
        "HTTP · files · generator",
        status.Writable ? null : "Nothing is taken in while the event log cannot write; senders get 429 or 503 and try again.",
        [new("rate", HealthText.Rate(trace.ReceivedRate)), new("rejected", HealthText.Rate(taken.RejectedPerSecond)), new("age", HealthText.Age(age))],
        HealthText.Rate(trace.ReceivedRate));

    private StageHealth EventLog(EventLogStatus status, TimeSpan? age) => new(
        "Event log",
        status.Writable ? HealthState.Connected : HealthState.Disconnected,
        $"FasterLog · {HealthText.Bytes(status.SizeBytes)}",
        status.Problem,
        [new("rate", HealthText.Rate(trace.ReceivedRate)), new("durable", HealthText.Milliseconds(status.CommitMs > 0 ? status.CommitMs : null)), new("age", HealthText.Age(age))],
        HealthText.Rate(trace.ReceivedRate));

    private StageHealth Live(TimeSpan? age)
    {
        if (live?.Status is not { } status)
        {
            return new("Live", HealthState.Connecting, "starting", null, [], HealthText.None);
        }

        var state = !status.CaughtUp ? HealthState.Connecting : status.Lag > 100_000 ? HealthState.Partial : HealthState.Connected;
        var about = $"ring of {HealthText.Count(status.Capacity)}";
        if (status.OldestMicros > 0)
        {
            about += $" · the last {HealthText.Age(time.GetUtcNow() - DateTimeOffset.UnixEpoch.AddTicks(status.OldestMicros * TimeSpan.TicksPerMicrosecond))}";
        }

        return new(
            "Live", state, about,
            state == HealthState.Partial ? $"It is {HealthText.Count(status.Lag)} events behind the event log; pages show the past until it has caught up." : null,
            [new("rate", HealthText.Rate(trace.ReceivedRate)), new("lag", HealthText.Count(status.Lag)), new("age", HealthText.Age(age))],
            status.Lag == 0 ? "caught up" : $"{HealthText.Count(status.Lag)} behind");
    }

    private StageHealth Lake(StreamAccount one, DateTimeOffset now)
    {
        var waiting = trace.OldestWaiting;
        var committed = one.CommittedAt is { } at ? now - at : (TimeSpan?)null;
        var (state, problem) = (writer?.State, tableProblem ?? writer?.Problem) switch
        {
            (_, { } wrong) when writer?.State is TableWriterState.Refused || tableProblem is not null => (HealthState.Disconnected, wrong),
            (TableWriterState.Waiting, var wrong) => (HealthState.Partial, wrong ?? "The volume refuses; trying again."),
            (TableWriterState.Starting or TableWriterState.Stopped or null, _) => (HealthState.Connecting, null),
            _ when waiting > Behind => (HealthState.Partial, $"The table is {HealthText.Age(waiting)} behind the event log; events are safe there."),
            _ => (HealthState.Connected, (string?)null),
        };
        return new(
            "Lake", state, $"Delta · written by {(writer?.State == TableWriterState.Standby ? "another host" : engine == EngineKind.Spark ? "Spark" : "this host")}", problem,
            [new("rate", HealthText.Rate(trace.StoredRate)), new("lag", HealthText.Count(one.InFlight)), new("age", HealthText.Age(waiting ?? (one.InFlight == 0 ? committed : null)))],
            state is HealthState.Connected or HealthState.Connecting
                ? one.Version is { } version ? $"v{version} · {HealthText.Age(committed)}" : "no table yet"
                : state == HealthState.Disconnected ? "not writing" : $"{HealthText.Age(waiting)} behind");
    }

    private StageHealth Query(StreamAccount one, DateTimeOffset now)
    {
        var state = queries.State;
        var dataAge = trace.OldestWaiting ?? (one.CommittedAt is { } at ? now - at : null);
        var full = state.Waiting > 0;
        return new(
            "Query", full ? HealthState.Partial : HealthState.Connected, $"{state.Engine} · Spark SQL",
            full ? $"{HealthText.Count(state.Waiting)} queries wait for their turn." : null,
            [new("running", HealthText.Count(state.Running)), new("p95", HealthText.Milliseconds(state.P95?.TotalMilliseconds)), new("data age", HealthText.Age(dataAge))],
            state.P95 is { } p95 ? HealthText.Milliseconds(p95.TotalMilliseconds) : "ready");
    }

    private StageHealth Web(DateTimeOffset now)
    {
        var seen = web?.Read() ?? new WebActivity(0, 0, 0, 0, null, null, 0);
        var age = seen.LastMeasuredMicros == 0 ? (TimeSpan?)null : now - DateTimeOffset.UnixEpoch.AddTicks(seen.LastMeasuredMicros * TimeSpan.TicksPerMicrosecond);
        return new(
            "Web", seen.Slow > 0 ? HealthState.Partial : HealthState.Connected,
            $"{Plural(seen.Pages, "page")} · {HealthText.Count(seen.EventStreams)} SSE · {HealthText.Count(seen.Slow)} slow",
            seen.Slow > 0 ? $"{Plural(seen.Slow, "event stream")} cannot keep up." : null,
            [new("to screen", HealthText.Milliseconds(seen.ToScreenP50Ms)), new("dropped", HealthText.Count(seen.Dropped)), new("age", HealthText.Age(age))],
            Plural(seen.Clients, "client"));
    }

    private static string Plural(int count, string noun) => $"{HealthText.Count(count)} {noun}{(count == 1 ? "" : "s")}";
}
