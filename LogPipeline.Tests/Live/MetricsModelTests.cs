using CsCheck;
using LogPipeline.Core.Live;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace LogPipeline.Tests.Live;

/// <summary>Metrics against a model that keeps every event and counts with LINQ.</summary>
public sealed class MetricsModelTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);
    private static readonly string?[] LevelNames = [null, "DEBUG", "INFO", "WARN", "ERROR", "FATAL", "error"];
    private static readonly string?[] SourceNames = [null, "checkout", "search", "cdn"];
    private static readonly string?[] EndpointNames = [null, "/", "/cart", "/api/items", "/login"];
    private static readonly int?[] StatusCodes = [null, 200, 204, 301, 404, 500, 503];

    private static readonly Gen<(Event Event, int Advance)> GenEvent =
        from age in Gen.Frequency((6, Gen.Int[-2, 20]), (2, Gen.Int[0, 900]), (1, Gen.Int[0, 3_700]))
        from micros in Gen.Int[0, 999_999]
        from level in Gen.OneOf(LevelNames)
        from source in Gen.OneOf(SourceNames)
        from endpoint in Gen.OneOf(EndpointNames)
        from status in Gen.OneOf(StatusCodes)
        from response in Gen.Frequency((1, Gen.Const((double?)null)), (5, Gen.Double[0.01, 5_000].Select(value => (double?)value)))
        from session in Gen.Int[0, 40]
        from bytes in Gen.Int[0, 5_000]
        from advance in Gen.Frequency((5, Gen.Const(0)), (3, Gen.Int[0, 700]), (1, Gen.Int[0, 60_000]))
        select (new Event((-age * 1_000_000L) + micros)
        {
            Level = level,
            Source = source,
            Endpoint = endpoint,
            Status = status,
            ResponseTime = response,
            Session = session == 0 ? null : "s" + session,
            Bytes = bytes < 100 ? null : bytes,
        }, advance);

    private static readonly Gen<FilterTerm> GenTerm =
        from field in Gen.OneOf("level", "source", "endpoint")
        from index in Gen.Int[0, 3]
        from exclude in Gen.Bool
        select new FilterTerm(field, (field switch { "level" => LevelNames, "source" => SourceNames, _ => EndpointNames })[index] ?? "", exclude);

    [Fact]
    public void Every_filter_and_window_gives_what_counting_gives()
    {
        var gen = Gen.Select(GenEvent.Array[0, 300], GenTerm.Array[0, 4].List[1, 4], Gen.OneOf(1, 10, 60, 300, 900, 3_600), Gen.OneOf(1, 7, 60, 90));
        gen.Sample(input =>
        {
            var (events, filters, window, buckets) = input;
            var clock = new FakeTimeProvider(Start);
            using var view = new Core.Live.LiveView(Batches.Stream, new LiveOptions(), clock);
            var model = new List<(Event Event, DateTimeOffset Received)>();
            var pending = new List<Event>();
            var offset = 0L;
            foreach (var (relative, advance) in events)
            {
                var now = clock.GetUtcNow();
                var e = relative with { TimestampMicros = Micros(now) + relative.TimestampMicros };
                model.Add((e, now));
                pending.Add(e);
                if (advance > 0)
                {
                    Flush();
                    clock.Advance(TimeSpan.FromMilliseconds(advance));
                    // Reading in between fills what the reader keeps; later events must get through.
                    view.Read(new LiveQuery(new EventFilter(filters[0]), TimeSpan.FromSeconds(window), buckets));
                }
            }

            Flush();
            foreach (var terms in filters)
            {
                Compare(view, model, new EventFilter(terms), clock.GetUtcNow(), window, buckets);
            }

            void Flush()
            {
                if (pending.Count > 0)
                {
                    using var batch = Batches.Of(pending, offset, Micros(clock.GetUtcNow()));
                    view.Add(batch);
                    offset += pending.Count;
                    pending = [];
                }
            }
        }, iter: 300);
    }

    private static long Micros(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / 10;

    private static void Compare(LiveView view, List<(Event Event, DateTimeOffset Received)> model, EventFilter filter, DateTimeOffset now, int window, int buckets)
    {
        var second = now.ToUnixTimeSeconds();
        var charted = model.Where(m => m.Event.Second >= m.Received.ToUnixTimeSeconds() - 3_600).Select(m => m.Event).ToList();
        Assert.Equal(model.Count - charted.Count, view.Status.Late);
        var passing = charted.Where(e => Passes(filter, e)).ToList();
        var inWindow = passing.Where(e => e.Second >= second - window && e.Second <= second + 5).ToList();
        var snapshot = view.Read(new LiveQuery(filter, TimeSpan.FromSeconds(window), buckets));

        var arrived = model.Count(m => Passes(filter, m.Event) && Micros(m.Received) / 250_000 > (Micros(now) / 250_000) - 20);
        Assert.Equal(arrived * 1e6 / (4_750_000 + (Micros(now) % 250_000)), snapshot.Metrics.EventsPerSecond, 6);
        CheckMetrics(snapshot.Metrics, inWindow);
        var sessions = passing.Where(e => e.Second > second - 300 && e.Second <= second + 5 && e.Session is not null).Select(e => e.Session).Distinct().Count();
        Assert.Equal(model.Any(m => m.Event.Session is not null && m.Event.Second > m.Received.ToUnixTimeSeconds() - 3_600) ? sessions : snapshot.Metrics.ActiveSessions ?? 0, snapshot.Metrics.ActiveSessions ?? 0);
        Assert.NotNull(snapshot.Previous);
        CheckMetrics(snapshot.Previous, [.. passing.Where(e => e.Second >= second - (2 * window) && e.Second < second - window)]);

        CheckSeries(snapshot.Series, passing, second, window, buckets);
        var named = inWindow.Where(e => e.Endpoint is not null).ToList();
        Assert.Equal(named.GroupBy(e => e.Endpoint!).ToDictionary(g => g.Key, g => (g.LongCount(), g.LongCount(e => e.IsError))),
            snapshot.Endpoints.ToDictionary(row => row.Value, row => (row.Requests, row.Errors)));
        Assert.Equal(snapshot.Endpoints.OrderByDescending(row => row.Requests).Select(row => row.Requests), snapshot.Endpoints.Select(row => row.Requests));
        Assert.Equal(named.Select(e => e.Endpoint).Distinct().Count(), snapshot.EndpointCount);
        foreach (var row in snapshot.Endpoints)
        {
            CheckQuantile(0.95, named.Where(e => e.Endpoint == row.Value), row.P95Ms);
        }

        Assert.Equal(inWindow.Where(e => e.Source is not null).GroupBy(e => e.Source!).ToDictionary(g => g.Key, g => g.LongCount()), snapshot.Sources.ToDictionary(row => row.Value, row => row.Requests));
        Assert.Equal(inWindow.Where(e => e.Status is not null).GroupBy(e => e.Status!.Value).ToDictionary(g => g.Key, g => g.LongCount()), snapshot.Statuses.ToDictionary(row => row.Status, row => row.Requests));
    }

    private static void CheckMetrics(LiveMetrics metrics, List<Event> events)
    {
        Assert.Equal(events.Count, metrics.Requests);
        Assert.Equal(events.Count(e => e.IsError), metrics.Errors);
        Assert.Equal(events.Count == 0 ? 0 : 100.0 * events.Count(e => e.IsError) / events.Count, metrics.ErrorRate, 6);
        var timed = events.Where(e => e.ResponseTime is not null).ToList();
        Assert.Equal(timed.Count > 0, metrics.AverageResponseMs is not null);
        Assert.Equal(timed.Count == 0 ? 0 : timed.Average(e => e.ResponseTime!.Value), metrics.AverageResponseMs ?? 0, 6);
        CheckQuantile(0.50, events, metrics.P50Ms);
        CheckQuantile(0.95, events, metrics.P95Ms);
        CheckQuantile(0.99, events, metrics.P99Ms);
        if (events.Any(e => e.Bytes is not null))
        {
            Assert.Equal(events.Sum(e => e.Bytes ?? 0), metrics.BytesProcessed);
        }
        else
        {
            Assert.True(metrics.BytesProcessed is null or 0);
        }
    }

    private static void CheckQuantile(double quantile, IEnumerable<Event> events, double? found)
    {
        var values = events.Where(e => e.ResponseTime is not null).Select(e => e.ResponseTime!.Value).Order().ToList();
        if (values.Count == 0)
        {
            Assert.Null(found);
            return;
        }

        var exact = values[Math.Max(1, (int)Math.Ceiling(quantile * values.Count)) - 1];
        Assert.InRange(found!.Value, exact * 0.98, exact * 1.02);
    }

    private static void CheckSeries(IReadOnlyList<LiveBucket> series, List<Event> passing, long second, int window, int buckets)
    {
        var step = (window + buckets - 1) / buckets;
        if (buckets == 1)
        {
            Assert.Equal(passing.Count(e => e.Second >= second - window && e.Second <= second + 5), Assert.Single(series).Requests);
            return;
        }

        Assert.True(series.Count <= buckets);
        for (var i = 0; i < series.Count; i++)
        {
            var bucket = series[i];
            Assert.Equal(0, bucket.Start % step);
            Assert.Equal(step, bucket.Seconds);
            var last = i == series.Count - 1 ? second + 5 : bucket.Start + step - 1;
            var own = passing.Where(e => e.Second >= bucket.Start && e.Second <= last).ToList();
            Assert.Equal(own.Count, bucket.Requests);
            Assert.Equal(own.Count(e => e.IsError), bucket.Errors);
            Assert.Equal(own.Count(e => e.Status is < 300), bucket.Status2xx);
            Assert.Equal(own.Count(e => e.Status is >= 300 and < 400), bucket.Status3xx);
            Assert.Equal(own.Count(e => e.Status is >= 400 and < 500), bucket.Status4xx);
            Assert.Equal(own.Count(e => e.Status is >= 500), bucket.Status5xx);
            Assert.Equal(own.Count(e => e.Level is "DEBUG"), bucket.Debug);
            Assert.Equal(own.Count(e => e.Level is null or "INFO"), bucket.Info);
            Assert.Equal(own.Count(e => e.Level is "WARN"), bucket.Warn);
            Assert.Equal(own.Count(e => e.Level is "ERROR" or "FATAL" or "error"), bucket.Error);
            Assert.Equal(own.Sum(e => e.Bytes ?? 0), bucket.Bytes);
            Assert.Equal(own.Where(e => e.Session is not null).Select(e => e.Session).Distinct().Count(), bucket.Sessions);
            CheckQuantile(0.95, own, bucket.P95Ms);
        }
    }

    private static bool Passes(EventFilter filter, Event e)
    {
        foreach (var terms in filter.Terms.GroupBy(term => term.Field))
        {
            var value = (terms.Key switch { "level" => e.Level?.ToUpperInvariant(), "source" => e.Source, _ => e.Endpoint }) ?? "";
            var wanted = terms.Where(term => !term.Exclude).Select(term => term.Value).ToList();
            if ((wanted.Count > 0 && !wanted.Contains(value)) || terms.Any(term => term.Exclude && term.Value == value))
            {
                return false;
            }
        }

        return true;
    }
}
