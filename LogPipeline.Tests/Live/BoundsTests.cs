using LogPipeline.Core.Live;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace LogPipeline.Tests.Live;

/// <summary>Memory and numbers stay bounded, and no count is lost by it.</summary>
public sealed class BoundsTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider clock = new(Start);
    private long offset;

    [Fact]
    public void A_hundred_thousand_endpoints_are_counted_and_the_busy_ones_keep_their_names()
    {
        using var view = new LiveView(Batches.Stream, new LiveOptions { MaxEndpoints = 500 }, clock);
        for (var second = 0; second < 1_000; second++)
        {
            // A hundred addresses that come once, and two pages that everybody reads. The second one begins late.
            var events = Enumerable.Range(0, 100).Select(i => At("/once/" + ((second * 100) + i)))
                .Concat(Enumerable.Repeat(At("/busy"), 20)).Concat(Enumerable.Repeat(At("/late"), second < 500 ? 0 : 20)).ToList();
            Add(view, events);
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        var snapshot = view.Read(new LiveQuery(EventFilter.None, TimeSpan.FromHours(1)));
        Assert.Equal(130_000, snapshot.Metrics.Requests);
        Assert.Equal(("/busy", 20_000L), (snapshot.Endpoints[0].Value, snapshot.Endpoints[0].Requests));
        Assert.Equal("(other)", snapshot.Endpoints[^1].Value);
        Assert.True(snapshot.Endpoints.Count <= 50);
        Assert.True(snapshot.EndpointCount > 1_000, $"{snapshot.EndpointCount}");
        var late = view.Read(new LiveQuery(new EventFilter([new("endpoint", "/late")]), TimeSpan.FromHours(1)));
        Assert.InRange(late.Metrics.Requests, 1, 10_000);
        var (ring, metrics) = view.Bytes;
        Assert.InRange(metrics, 1, 200 << 20);
        Assert.InRange(ring, 1, 50 << 20);
    }

    [Fact]
    public void Beyond_its_budget_metrics_get_coarser_then_go_and_totals_of_what_is_kept_stay_right()
    {
        using var view = new LiveView(Batches.Stream, new LiveOptions { MetricsMemoryMiB = 8 }, clock);
        var random = new Random(7);
        for (var second = 0; second < 600; second++)
        {
            Add(view, [.. Enumerable.Range(0, 600).Select(_ => At("/e" + random.Next(100)) with
            {
                ResponseTime = Math.Exp(random.NextDouble() * 8), Session = "s" + random.Next(5_000), Status = random.Next(2) == 0 ? 200 : 404,
            })]);
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(view.Bytes.Metrics, 1, 10 << 20);
        var snapshot = view.Read(new LiveQuery(EventFilter.None, TimeSpan.FromMinutes(1), 60));
        Assert.Equal(600 * 60, snapshot.Metrics.Requests);
    }

    [Fact]
    public void Sessions_are_exact_to_100_000_and_estimated_beyond()
    {
        using var view = new LiveView(Batches.Stream, new LiveOptions(), clock);
        for (var i = 0; i < 100; i++)
        {
            var first = i * 1_000;
            Add(view, [.. Enumerable.Range(first, 1_000).Select(n => At("/") with { Session = "s" + n, Source = n % 4 == 0 ? "a" : "b" })]);
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        var query = new LiveQuery(EventFilter.None, TimeSpan.FromMinutes(5));
        var metrics = view.Read(query).Metrics;
        Assert.Equal((100_000L, true), (metrics.ActiveSessions!.Value, metrics.SessionsExact));
        metrics = view.Read(query with { Filter = new EventFilter([new("source", "a")]) }).Metrics;
        Assert.Equal((25_000L, true), (metrics.ActiveSessions!.Value, metrics.SessionsExact));

        for (var i = 100; i < 400; i++)
        {
            var first = i * 1_000;
            Add(view, [.. Enumerable.Range(first, 1_000).Select(n => At("/") with { Session = "s" + n, Source = n % 4 == 0 ? "a" : "b" })]);
        }

        metrics = view.Read(query).Metrics;
        Assert.False(metrics.SessionsExact);
        Assert.InRange(metrics.ActiveSessions!.Value, 400_000 * 0.97, 400_000 * 1.03);

        clock.Advance(TimeSpan.FromMinutes(6));
        Add(view, [At("/") with { Session = "again" }]);
        Assert.InRange(view.Read(query).Metrics.ActiveSessions!.Value, 0, 3);
    }

    [Fact]
    public void What_no_event_has_is_unknown_and_not_zero()
    {
        using var view = new LiveView(Batches.Stream, new LiveOptions(), clock);
        Add(view, [new Event(Now) { Status = 200 }]);
        var metrics = view.Read(new LiveQuery(EventFilter.None, TimeSpan.FromMinutes(1))).Metrics;
        Assert.Equal((1L, 0L), (metrics.Requests, metrics.Errors));
        Assert.Null(metrics.AverageResponseMs);
        Assert.Null(metrics.P95Ms);
        Assert.Null(metrics.ActiveSessions);
        Assert.Null(metrics.BytesProcessed);
    }

    [Fact]
    public void Late_events_are_counted_apart_and_events_ahead_show_when_their_time_has_come()
    {
        using var view = new LiveView(Batches.Stream, new LiveOptions(), clock);
        Add(view, [new Event(Now - 3_600_000_000), new Event(Now - 3_601_000_000), new Event(Now + 5_000_000), new Event(Now + 6_000_000), new Event(Now + 301_000_000)]);
        var query = new LiveQuery(EventFilter.None, TimeSpan.FromHours(1));
        Assert.Equal(2, view.Read(query).Metrics.Requests);
        Assert.Equal((1L, 1L, 5L), (view.Status.Late, view.Ahead, view.Totals.Events));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, view.Read(query).Metrics.Requests);
        Assert.Equal(5, view.Status.Retained);
    }

    [Fact]
    public void Filter_fields_that_metrics_do_not_have_are_named()
    {
        using var view = new LiveView(Batches.Stream, new LiveOptions(), clock);
        Add(view, [At("/a"), At("/b")]);
        var snapshot = view.Read(new LiveQuery(EventFilterCodec.FromQuery("endpoint=/a&status=404&attributes.x=1&q=z"), TimeSpan.FromMinutes(1)));
        Assert.Equal(["status", "attributes.x", "text"], snapshot.IgnoredFields);
        Assert.Equal(1, snapshot.Metrics.Requests);
    }

    [Fact]
    public void Options_report_every_problem_with_its_key()
    {
        var result = new LiveOptionsValidator().Validate(null, new LiveOptions { RingCapacity = 1, MaxSources = 0, SlowMs = double.NaN });
        Assert.Equal(["LogPipeline:Live:RingCapacity", "LogPipeline:Live:MaxSources", "LogPipeline:Live:SlowMs"], result.Failures!.Select(failure => failure.Split(' ')[0]));
        Assert.True(new LiveOptionsValidator().Validate(null, new LiveOptions()).Succeeded);
    }

    private long Now => (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / 10;

    private Event At(string endpoint) => new(Now) { Endpoint = endpoint };

    private void Add(LiveView view, List<Event> events)
    {
        using var batch = Batches.Of(events, offset, Now);
        view.Add(batch);
        offset += events.Count;
    }
}
