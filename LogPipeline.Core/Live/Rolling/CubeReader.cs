using LogPipeline.Core.Live.Anomalies;
using LogPipeline.Core.Percentiles;

namespace LogPipeline.Core.Live.Rolling;

/// <summary>Answers <see cref="LiveQuery"/> from a cube. Not safe for threads: its owner locks.</summary>
/// <remarks>
/// A window is the seconds from <c>now − window</c> to <c>now + 5 s</c>. Steps begin at multiples of their length, so that they stand still
/// while time moves on; the last one is not over yet. Steps are summed once and kept while nothing is added to them, and what is costly is
/// asked again only after twenty times its cost.
/// </remarks>
internal sealed class CubeReader(MetricsCube cube, TimeProvider clock)
{
    public const int ToleranceSeconds = 5;
    private const int FineBuckets = 90;
    private const int MaxBuckets = 3_600;
    private const int MaxSeries = 48;
    private const int CostFactor = 20;
    private static readonly TimeSpan LongestReuse = TimeSpan.FromSeconds(1);
    private readonly Dictionary<(EventFilter Filter, int Step), (StepSeries Series, long Used)> series = [];
    private readonly Dictionary<(EventFilter Filter, long Window, long To), Reused<Rankings.Result>> rankings = [];
    private readonly Dictionary<EventFilter, Reused<(long Count, bool Exact)>> sessions = [];
    private readonly Dictionary<(EventFilter Filter, long Window, long To), Reused<(long Count, bool Exact)>> windowSessions = [];
    private readonly Rankings ranker = new();
    private readonly Aggregate scratch = new();
    private readonly Aggregate total = new();
    private long uses;

    /// <summary>Metrics are complete from this second on.</summary>
    public long KnownFrom { get; set; } = long.MinValue;

    public LiveSnapshot Read(LiveQuery query, BurstDetector bursts)
    {
        var now = clock.GetUtcNow();
        var window = (int)Math.Clamp(Math.Ceiling(query.Window.TotalSeconds), 1, BlockRing.HourSeconds);
        var isPast = query.To is { } end && end < now;
        var at = isPast ? query.To!.Value : now;
        var second = at.ToUnixTimeSeconds();
        var first = second - window;
        var last = isPast ? second : second + ToleranceSeconds;
        var buckets = Math.Clamp(query.Buckets, 1, MaxBuckets);
        var step = (window + buckets - 1) / buckets;

        // Long steps are not summed from kept ones, so the totals of a short series come from a finer one.
        var fine = buckets < FineBuckets ? (window + FineBuckets - 1) / FineBuckets : step;
        var kept = SeriesOf(query.Filter, fine);
        var pass = kept.Filter.Pass(cube.Catalog);
        Total(kept, pass, fine, first, last);
        // A single step is the window itself: for totals.
        var steps = buckets == 1
            ? [OneStep((query.Filter, -window, isPast ? second : 0), pass, first, last, window)]
            : Series(fine == step ? kept : SeriesOf(query.Filter, step), pass, step, second, last, (window + step - 1) / step);
        var metrics = Metrics(
            isPast ? total.Sums.Requests / (double)window : cube.Arrivals.PerSecond(Micros(now), cube.Catalog.Combos, pass),
            isPast ? SessionsBetween(pass, second - ActiveSessions.WindowSeconds + 1, second) : Active(query.Filter, pass, second));
        var previous = Previous((query.Filter, window, isPast ? second : 0), kept, pass, fine, first);
        var ranking = Reuse(rankings, (query.Filter, window, isPast ? second : 0), () => ranker.Read(cube, pass, first, last));
        kept.DropBefore(now.ToUnixTimeSeconds() - (2 * BlockRing.HourSeconds));
        return new LiveSnapshot(
            now, metrics, previous, steps, ranking.Endpoints, ranking.Sources, ranking.Statuses, ranking.EndpointCount, ranking.SourceCount,
            bursts.Between(first, second, kept.Filter.PassesEndpoint), kept.Filter.Ignored, cube.LastReceivedMicros);
    }

    private static long Micros(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private StepSeries SeriesOf(EventFilter filter, int step)
    {
        var key = (filter, step);
        if (!series.TryGetValue(key, out var entry) || entry.Series.Catalog != cube.Catalog)
        {
            if (series.Count >= MaxSeries)
            {
                series.Remove(series.MinBy(pair => pair.Value.Used).Key);
            }

            entry = (new StepSeries(new MetricFilter(filter), cube.Catalog, step), 0);
        }

        series[key] = (entry.Series, ++uses);
        return entry.Series;
    }

    private LiveBucket OneStep((EventFilter Filter, long Window, long To) key, byte[]? pass, long first, long last, int window) =>
        Step.Of(total, 0).ToBucket(first, window) with { Sessions = Reuse(windowSessions, key, () => SessionsBetween(pass, first, last)).Count };

    private LiveBucket[] Series(StepSeries kept, byte[]? pass, int step, long second, long last, int count)
    {
        var lastStart = second / step * step;
        var steps = new LiveBucket[count];
        for (var i = 0; i < count; i++)
        {
            var start = lastStart - ((count - 1L - i) * step);
            steps[i] = (i == count - 1 ? LastStep(pass, start, last) : kept.At(start, cube.Blocks, pass, scratch)).ToBucket(start, step);
        }

        return steps;
    }

    /// <summary>The step that goes on takes the events that are ahead of the clock, too, and none behind the end of a past window.</summary>
    private Step LastStep(byte[]? pass, long start, long last)
    {
        scratch.Clear();
        scratch.Add(cube.Blocks, cube.Catalog, pass, start, last);
        return Step.Of(scratch, 0);
    }

    private void Total(StepSeries kept, byte[]? pass, int step, long first, long last)
    {
        total.Clear();
        var start = (first + step - 1) / step * step;
        var end = (last + 1) / step * step;
        if (start >= end)
        {
            total.Add(cube.Blocks, cube.Catalog, pass, first, last);
            return;
        }

        Partial(pass, first, start - 1);
        for (; start < end; start += step)
        {
            var whole = kept.At(start, cube.Blocks, pass, scratch);
            total.Add(whole.Sums, whole.Bins, whole.FirstBin);
        }

        Partial(pass, end, last);
    }

    private void Partial(byte[]? pass, long from, long to)
    {
        if (from <= to)
        {
            total.Add(cube.Blocks, cube.Catalog, pass, from, to);
        }
    }

    private LiveMetrics? Previous((EventFilter Filter, long Window, long To) key, StepSeries kept, byte[]? pass, int step, long first)
    {
        var from = first - key.Window;
        if (from < Math.Max(KnownFrom, cube.Blocks.DroppedBefore) || from < clock.GetUtcNow().ToUnixTimeSeconds() - (2 * BlockRing.HourSeconds))
        {
            return null;
        }

        Total(kept, pass, step, from, first - 1);
        return Metrics(total.Sums.Requests / (double)key.Window, Reuse(windowSessions, key, () => SessionsBetween(pass, first - ActiveSessions.WindowSeconds, first - 1)));
    }

    private LiveMetrics Metrics(double perSecond, (long Count, bool Exact) active)
    {
        ref readonly var sums = ref total.Sums;
        var timed = 0L;
        foreach (var count in total.Bins)
        {
            timed += count;
        }

        return new LiveMetrics(
            perSecond,
            sums.Requests == 0 ? 0 : 100.0 * sums.Errors / sums.Requests,
            sums.Timed == 0 ? null : sums.ResponseMs / sums.Timed,
            ResponseBins.Quantile(total.Bins, timed, 0.50),
            ResponseBins.Quantile(total.Bins, timed, 0.95),
            ResponseBins.Quantile(total.Bins, timed, 0.99),
            cube.Active.Any ? active.Count : null,
            active.Exact,
            sums.Sized > 0 || (sums.Requests == 0 && cube.AnySized) ? sums.Bytes : null,
            sums.Requests,
            sums.Errors);
    }

    private (long Count, bool Exact) Active(EventFilter filter, byte[]? pass, long second) =>
        Reuse(sessions, filter, () => cube.Active.Count(second - ActiveSessions.WindowSeconds + 1, pass));

    private (long Count, bool Exact) SessionsBetween(byte[]? pass, long from, long to)
    {
        if (!cube.Active.Any)
        {
            return (0, true);
        }

        scratch.Clear();
        scratch.AddSessions(cube.Blocks, pass, from, to);
        return scratch.Sessions;
    }

    private T Reuse<TKey, T>(Dictionary<TKey, Reused<T>> cache, TKey key, Func<T> read)
        where TKey : notnull
    {
        var now = clock.GetTimestamp();
        if (cache.TryGetValue(key, out var reused) && reused.Catalog == cube.Catalog && clock.GetElapsedTime(reused.At, now) < reused.For)
        {
            return reused.Value;
        }

        var value = read();
        var cost = clock.GetElapsedTime(now) * CostFactor;
        if (cache.Count >= MaxSeries)
        {
            cache.Clear();
        }

        cache[key] = new Reused<T>(value, now, cost < LongestReuse ? cost : LongestReuse, cube.Catalog);
        return value;
    }

    private sealed record Reused<T>(T Value, long At, TimeSpan For, Catalog Catalog);
}
