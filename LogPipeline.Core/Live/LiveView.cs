using LogPipeline.Core.EventLog;
using LogPipeline.Core.Live.Anomalies;
using LogPipeline.Core.Live.Recent;
using LogPipeline.Core.Live.Rolling;
using LogPipeline.Core.Streams;

namespace LogPipeline.Core.Live;

/// <summary>The present of one stream. One writer takes batches in; any number of readers ask.</summary>
/// <remarks>The metrics are guarded by one lock, held for one batch or one question; the ring guards itself and is read outside its lock.</remarks>
internal sealed class LiveView : ILiveView, IDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private readonly Lock gate = new();
    private readonly TimeProvider clock;
    private readonly MetricsCube cube;
    private readonly CubeReader metrics;
    private readonly BurstDetector bursts;
    private readonly EventRing ring;
    private readonly RecentReader recent;
    private readonly EventRules rules;
    private readonly ChangeSignal signal;
    private readonly ITimer ticker;
    private readonly long since;
    private bool ticking;
    private bool caughtUp;
    private long gaps;
    private long rejected;
    private Func<long> lag = () => 0;

    public LiveView(StreamDefinition stream, LiveOptions options, TimeProvider clock, Action<Exception>? subscriberFailed = null)
    {
        this.clock = clock;
        Stream = stream;
        cube = new MetricsCube(stream.Schema, options);
        metrics = new CubeReader(cube, clock);
        bursts = new BurstDetector(cube);
        ring = new EventRing(stream.Schema, options.RingCapacity);
        recent = new RecentReader(ring, stream.Schema, clock);
        rules = new EventRules(ring, stream.Schema, options.SlowMs);
        signal = new ChangeSignal(clock, subscriberFailed ?? (_ => { }));
        since = NowMicros();
        ticker = clock.CreateTimer(_ => OnTick(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public StreamDefinition Stream { get; }

    public LiveStatus Status
    {
        get
        {
            var view = ring.View();
            var oldest = view.Count == 0 ? 0 : view.Chunks[0].Received(view.RowsIn(0).From);
            lock (gate)
            {
                return new LiveStatus(caughtUp, lag(), view.Count, ring.Capacity, oldest, cube.Late, gaps, rejected);
            }
        }
    }

    public LiveTotals Totals
    {
        get
        {
            lock (gate)
            {
                return new LiveTotals(cube.Events, cube.Errors, cube.Bytes, since);
            }
        }
    }

    /// <summary>Memory held, in bytes.</summary>
    internal (long Ring, long Metrics) Bytes
    {
        get
        {
            lock (gate)
            {
                return (ring.Bytes, cube.Blocks.All.Sum(block => block.Bytes));
            }
        }
    }

    /// <summary>Events that were too far ahead of the clock to be charted.</summary>
    internal long Ahead
    {
        get
        {
            lock (gate)
            {
                return cube.Ahead;
            }
        }
    }

    public IDisposable Subscribe(Func<Task> changed)
    {
        var subscription = signal.Subscribe(changed);
        lock (gate)
        {
            if (!ticking)
            {
                ticking = true;
                ticker.Change(Tick, Tick);
            }
        }

        return subscription;
    }

    public LiveSnapshot Read(LiveQuery query)
    {
        recent.Compile(query.Filter);
        lock (gate)
        {
            if (caughtUp)
            {
                bursts.Evaluate(NowMicros() / 1_000_000);
            }

            return metrics.Read(query, bursts);
        }
    }

    public RecentPage ReadRecent(RecentQuery query) => recent.Read(query);

    public LogRow? Find(EventPosition position) => recent.Find(position);

    public IReadOnlyList<LiveAnomaly> RecentAnomalies(AnomalyQuery query)
    {
        var limit = Math.Clamp(query.Limit, 0, 10_000);
        var found = rules.Recent(query, limit);
        if (query.Source is null)
        {
            lock (gate)
            {
                found.AddRange(bursts.Anomalies().Where(burst => (query.Since is null || burst.At >= query.Since) && (query.Endpoint is null || burst.Endpoint == query.Endpoint)));
            }
        }

        return [.. found.OrderByDescending(anomaly => anomaly.At).Take(limit)];
    }

    /// <summary>Takes a batch in and tells the subscribers. One caller at a time; the batch stays the caller's.</summary>
    internal void Add(EventBatch batch)
    {
        var now = NowMicros();
        ring.Append(batch);
        if (batch.Events.Length + batch.Rejected.Count == 0)
        {
            // It only says that some offsets carry nothing.
            return;
        }

        lock (gate)
        {
            cube.Add(batch, now);
            rejected += batch.Rejected.Count;
            if (caughtUp)
            {
                bursts.Evaluate(now / 1_000_000);
            }
        }

        signal.Publish();
    }

    /// <summary>Takes events from the table into the metrics alone: they lie before all that the ring holds. The batch stays the caller's.</summary>
    internal void AddStored(EventBatch batch)
    {
        var schema = new StreamSchema(Stream.Schema.Name, [.. batch.Events.Schema.FieldsList.Select(field => Stream.Schema.Columns[Stream.Schema.IndexOf(field.Name)])]);
        lock (gate)
        {
            cube.Add(batch, NowMicros(), new ColumnPlaces(schema));
        }
    }

    /// <summary>Counts what was gone from the log before it was read.</summary>
    internal void AddGap(EventRange range)
    {
        lock (gate)
        {
            gaps += range.Count;
            metrics.KnownFrom = Math.Max(metrics.KnownFrom, cube.LastReceivedMicros / 1_000_000);
        }

        signal.Publish();
    }

    /// <summary>Says how far behind the reader is, whenever it is asked.</summary>
    internal void FollowLag(Func<long> behind)
    {
        lock (gate)
        {
            lag = behind;
        }
    }

    /// <summary>Says from when on the metrics are complete; what a table adds later moves it back.</summary>
    internal void SetKnownFrom(long second)
    {
        lock (gate)
        {
            metrics.KnownFrom = second;
        }
    }

    /// <summary>The end of the log was reached. The bursts of the hour that was read back are looked for once.</summary>
    internal void SetCaughtUp()
    {
        lock (gate)
        {
            if (caughtUp)
            {
                return;
            }

            caughtUp = true;
            var now = NowMicros() / 1_000_000;
            for (var second = now - BlockRing.HourSeconds; second < now && cube.Events > 0; second += TimeBlock.Length)
            {
                bursts.Evaluate(second);
            }
        }

        signal.Publish();
    }

    public void Dispose() => ticker.Dispose();

    /// <summary>Rates fall and windows move on without events, too.</summary>
    private void OnTick()
    {
        lock (gate)
        {
            if (!signal.HasSubscribers)
            {
                ticking = false;
                ticker.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                return;
            }

            if (cube.Events == 0)
            {
                return;
            }
        }

        signal.Publish();
    }

    private long NowMicros() => (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
