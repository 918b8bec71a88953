using LogPipeline.Core.Configuration;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Live;
using LogPipeline.Core.Query;

namespace LogPipeline.Core.Health;

/// <summary>The health of the pipeline for one stream. Used by one thread at a time.</summary>
internal sealed class StreamHealth(
    IEventLog log, ILiveView? live, EngineKind engine, ITableWriter? writer, QueryService queries, IngestCounters ingest, StreamAccountReader accounts, ExternalSystems external, TimeProvider time)
{
    /// <summary>A writer that is this far behind in time is said to lag.</summary>
    private static readonly TimeSpan Behind = TimeSpan.FromSeconds(10);

    private readonly Lock gate = new();
    private readonly StreamTrace trace = new();
    private readonly RecentFigures recent = new();
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
            recent.Add(one.InFlight, writer?.Figures);
            var status = log.Status;
            var age = status.LastAppendMicros == 0 ? (TimeSpan?)null : now - DateTimeOffset.UnixEpoch.AddTicks(status.LastAppendMicros * TimeSpan.TicksPerMicrosecond);
            var taken = ingest.Read(log);
            StageHealth[] stages = [Ingest(status, taken, age), EventLog(status, age), Live(age), Lake(one, now), Query(one, now), Web(now)];
            return new HealthReport(now, Worst(stages), stages, new Conservation(
                one.End + taken.Duplicate, one.Rows, taken.Duplicate, one.DeadLetters, one.InFlight, trace.OldestWaiting?.TotalMilliseconds))
            {
                RecentInFlight = recent.Waiting,
                RecentBatches = recent.Batches,
            };
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

    private StageHealth EventLog(EventLogStatus status, TimeSpan? age)
    {
        StageFigure[] figures = [new("rate", HealthText.Rate(trace.ReceivedRate)), new("durable", HealthText.Milliseconds(status.CommitMs > 0 ? status.CommitMs : null)), new("age", HealthText.Age(age))];
        var state = !status.Writable ? HealthState.Disconnected : status.IsPartial ? HealthState.Partial : HealthState.Connected;
        if (external.Brokers?.Status is not { } brokers)
        {
            return new("Event log", state, $"{status.Kind} · {HealthText.Bytes(status.SizeBytes)}", status.Problem, figures, HealthText.Rate(trace.ReceivedRate));
        }

        var known = BrokerHealth.StateOf(brokers);
        state = state == HealthState.Connected || known == HealthState.Disconnected ? known : state;
        var topic = brokers.Topics.FirstOrDefault(one => one.Name == log.Stream.Topic);
        var partitions = Plural(topic?.Partitions.Count ?? log.Bounds.Count, "partition");
        return new(
            "Event log", state, $"Kafka · {Plural(brokers.Brokers.Count, "broker")} · {partitions}",
            status.Problem ?? BrokerHealth.ProblemOf(brokers), figures,
            state == HealthState.Disconnected ? "does not answer" : topic?.Lag is { } lag ? $"{partitions} · lag {HealthText.Count(lag)}" : partitions)
        {
            Pill = "Kafka",
        };
    }

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
            about += $" · the last {HealthText.Span(time.GetUtcNow() - DateTimeOffset.UnixEpoch.AddTicks(status.OldestMicros * TimeSpan.TicksPerMicrosecond))}";
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
        var spark = engine == EngineKind.Spark ? external.Engine?.Status : null;
        var cause = spark is { State: not HealthState.Connected } ? spark.Name : null;
        var (state, problem) = (writer?.State, tableProblem ?? writer?.Problem) switch
        {
            (_, { } wrong) when writer?.State is TableWriterState.Refused || tableProblem is not null => (HealthState.Disconnected, wrong),
            _ when spark?.State is HealthState.Connecting => (HealthState.Connecting, null),
            _ when cause is not null => (HealthState.Partial, $"Nothing is written to the tables while {cause} does not answer; events are safe in the event log."),
            (TableWriterState.Waiting, var wrong) => (HealthState.Partial, wrong ?? "The volume refuses; trying again."),
            (TableWriterState.Starting or TableWriterState.Stopped or null, _) => (HealthState.Connecting, null),
            _ when waiting > Behind => (HealthState.Partial, $"The table is {HealthText.Age(waiting)} behind the event log; events are safe there."),
            _ => (HealthState.Connected, (string?)null),
        };
        return new(
            "Lake", state, writer?.OtherWriter is { } other ? $"Delta · written by {other.Host}, Engine={other.Engine}, for {HealthText.Age(now - other.Since)}" : engine == EngineKind.Spark ? cause is null ? "Delta · written by Spark" : "readable, no writer" : "Delta · written by this host", problem,
            [new("rate", HealthText.Rate(trace.StoredRate)), new("lag", HealthText.Count(one.InFlight)), new("age", HealthText.Age(waiting ?? (one.InFlight == 0 ? committed : null)))],
            state is HealthState.Connected or HealthState.Connecting
                ? one.Version is { } version ? $"v{version} · {HealthText.Age(committed)}" : "no table yet"
                : state == HealthState.Disconnected || cause is not null ? "not writing" : $"{HealthText.Age(waiting)} behind")
        {
            Cause = state == HealthState.Disconnected ? null : cause,
        };
    }

    private StageHealth Query(StreamAccount one, DateTimeOffset now)
    {
        var asked = queries.State;
        var dataAge = trace.OldestWaiting ?? (one.CommittedAt is { } at ? now - at : null);
        var ready = asked.P95 is { } p95 ? HealthText.Milliseconds(p95.TotalMilliseconds) : "ready";
        StageFigure[] figures = [new("running", HealthText.Count(asked.Running)), new("p95", HealthText.Milliseconds(asked.P95?.TotalMilliseconds)), new("data age", HealthText.Age(dataAge))];
        var full = asked.Waiting > 0;
        var crowd = full ? $"{HealthText.Count(asked.Waiting)} queries wait for their turn." : null;
        if (external.Engine?.Status is not { } spark || !spark.Name.Equals(asked.Engine, StringComparison.OrdinalIgnoreCase))
        {
            return new("Query", full ? HealthState.Partial : HealthState.Connected, $"{asked.Engine} · Spark SQL", crowd, figures, ready);
        }

        var others = asked.Engines.Where(name => name != asked.Engine).ToList();
        var (state, about, problem, headline) = spark.State switch
        {
            HealthState.Connected => (full ? HealthState.Partial : HealthState.Connected, $"{spark.Name} {spark.Version} · {spark.Master}", crowd, ready),
            HealthState.Connecting => (HealthState.Connecting, $"{spark.Name} starts · {spark.Master}", null, "starts"),
            _ when others.Count > 0 => (HealthState.Partial, $"{others[0]} answers only", $"{spark.Name} does not answer; ask the {others[0]} engine.", $"{others[0]} only"),
            _ => (HealthState.Disconnected, "no engine answers", $"{spark.Name} does not answer.", "down"),
        };
        return new("Query", state, about, problem, figures, headline) { Pill = spark.Name, Cause = spark.State == HealthState.Connected ? null : spark.Name };
    }

    private StageHealth Web(DateTimeOffset now)
    {
        var seen = external.Web?.Read() ?? new WebActivity(0, 0, 0, 0, null, null, 0);
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
