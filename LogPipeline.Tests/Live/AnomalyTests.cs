using LogPipeline.Core.Live;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace LogPipeline.Tests.Live;

public sealed class AnomalyTests : IDisposable
{
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 3, 4, 12, 0, 0, TimeSpan.Zero));
    private readonly LiveView view;
    private long offset;

    public AnomalyTests()
    {
        view = new LiveView(Batches.Stream, new LiveOptions(), clock);
        view.SetCaughtUp();
    }

    public void Dispose() => view.Dispose();

    [Fact]
    public void A_burst_of_errors_at_one_endpoint_is_a_band_with_what_was_expected()
    {
        Run(600, second => (second % 100 == 0 ? 500 : 200, 20));
        var begin = clock.GetUtcNow();
        Run(60, second => (second % 2 == 0 ? 503 : 200, 20));
        var end = clock.GetUtcNow();
        Run(120, _ => (200, 20));

        var snapshot = view.Read(new LiveQuery(EventFilter.None, TimeSpan.FromMinutes(15)));
        var band = Assert.Single(snapshot.Anomalies);
        Assert.Equal(("error-burst", "/pay"), (band.Kind, band.Endpoint));
        Assert.InRange(band.Start, begin.ToUnixTimeSeconds(), begin.ToUnixTimeSeconds() + 15);
        Assert.InRange(band.End, end.ToUnixTimeSeconds(), end.ToUnixTimeSeconds() + 40);
        Assert.Contains("/pay: up to 50 %", band.Explanation, StringComparison.Ordinal);
        Assert.Empty(view.Read(new LiveQuery(EventFilterCodec.FromQuery("endpoint=/"), TimeSpan.FromMinutes(15))).Anomalies);
        Assert.Contains(view.RecentAnomalies(new AnomalyQuery()), anomaly => anomaly.Kind == "error-burst" && anomaly.Endpoint == "/pay");
    }

    [Fact]
    public void A_slow_endpoint_is_a_band_and_steady_slowness_is_not()
    {
        Run(600, _ => (200, 40));
        Run(60, _ => (200, 900));
        var band = Assert.Single(view.Read(new LiveQuery(EventFilter.None, TimeSpan.FromMinutes(15))).Anomalies);
        Assert.Equal(("slow", "/pay"), (band.Kind, band.Endpoint));
        Run(1_300, _ => (200, 900));
        Assert.Empty(view.Read(new LiveQuery(EventFilter.None, TimeSpan.FromMinutes(5))).Anomalies);
    }

    [Fact]
    public void Single_events_are_flagged_by_level_and_by_time_and_can_be_asked_for()
    {
        var at = Now;
        Add([
            new(at - 3) { Level = "ERROR", Endpoint = "/a", Source = "x", Status = 500, Message = "boom" },
            new(at - 2) { Level = "INFO", Endpoint = "/b", Source = "y", ResponseTime = 1_000 },
            new(at - 1) { Level = "INFO", Endpoint = "/b", Source = "x", ResponseTime = 1_000.5 },
        ]);
        var all = view.RecentAnomalies(new AnomalyQuery());
        Assert.Equal([("slow", "/b", 2L), ("error", "/a", 0L)], all.Select(anomaly => (anomaly.Kind, anomaly.Endpoint!, anomaly.Position!.Value.Offset)));
        Assert.Equal("1000.5 ms, above the limit of 1000 ms", all[0].Explanation);
        Assert.Equal("ERROR: boom", all[1].Explanation);
        Assert.Equal("error", Assert.Single(view.RecentAnomalies(new AnomalyQuery(Endpoint: "/a"))).Kind);
        Assert.Equal(2, view.RecentAnomalies(new AnomalyQuery(Source: "x")).Count);
        Assert.Single(view.RecentAnomalies(new AnomalyQuery(Limit: 1)));
        Assert.Empty(view.RecentAnomalies(new AnomalyQuery(Since: clock.GetUtcNow())));
    }

    private long Now => (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / 10;

    private void Run(int seconds, Func<int, (int Status, double Ms)> answer)
    {
        for (var second = 0; second < seconds; second++)
        {
            var (status, ms) = answer(second);
            Add([.. Enumerable.Range(0, 4).Select(_ => new Event(Now) { Endpoint = "/pay", Status = status, ResponseTime = ms }), new Event(Now) { Endpoint = "/", Status = 200, ResponseTime = 5 }]);
            clock.Advance(TimeSpan.FromSeconds(1));
        }
    }

    private void Add(IReadOnlyList<Event> events)
    {
        using var batch = Batches.Of(events, offset, Now);
        view.Add(batch);
        offset += events.Count;
    }
}
