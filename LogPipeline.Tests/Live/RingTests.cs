using CsCheck;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Live;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace LogPipeline.Tests.Live;

/// <summary>The ring of recent events: reading on misses nothing and repeats nothing, and what was missed is counted exactly.</summary>
public sealed class RingTests
{
    private const int Capacity = 50;
    private static readonly string[] Names = ["/a", "/b", "/c"];

    [Fact]
    public void Reading_on_misses_nothing_repeats_nothing_and_counts_what_was_gone()
    {
        var step = Gen.Select(Gen.Int[0, 4], Gen.Int[0, 40], Gen.Int[0, 3], Gen.Int[1, 30]);
        Gen.Select(step.Array[1, 60], Gen.Bool, Gen.Bool).Sample(input =>
        {
            var (steps, filtered, oldestFirst) = input;
            using var view = new LiveView(Batches.Stream, new LiveOptions { RingCapacity = Capacity }, new FakeTimeProvider());
            var filter = filtered ? new EventFilter([new FilterTerm("endpoint", "/b")]) : EventFilter.None;
            var all = new List<(long Offset, string Endpoint)>();
            var (offset, index) = (0L, 0);
            EventPosition? after = null;
            foreach (var (action, size, rejected, limit) in steps)
            {
                if (action < 3)
                {
                    if (size + rejected > 0)
                    {
                        var events = Enumerable.Range(0, size).Select(_ => new Event(0) { Endpoint = Names[index++ % 3] }).ToList();
                        using var batch = Batches.Of(events, offset, 1, rejected);
                        view.Add(batch);
                        all.AddRange(events.Select((e, i) => (offset + i, e.Endpoint!)));
                        offset += size + rejected;
                    }

                    continue;
                }

                var page = view.ReadRecent(new RecentQuery(filter, limit, After: after, OldestFirst: oldestFirst));
                var retained = all.TakeLast(Capacity).ToList();
                var behind = retained.Where(e => after is null || e.Offset > after.Value.Offset).ToList();
                var matching = behind.Where(e => !filtered || e.Endpoint == "/b").Select(e => e.Offset).ToList();
                var missed = after is null ? 0 : all.Count(e => e.Offset > after.Value.Offset) - behind.Count;
                Assert.Equal(missed, page.Missed);
                if (oldestFirst && after is not null)
                {
                    var expected = matching.Take(limit).ToList();
                    Assert.Equal(expected, page.Rows.Select(row => row.Position.Offset));
                    Assert.Equal(0, page.Skipped);
                    if (behind.Count > 0)
                    {
                        Assert.Equal(expected.Count == limit ? expected[^1] : behind[^1].Offset, page.Next!.Value.Offset);
                    }
                }
                else
                {
                    Assert.Equal(matching.TakeLast(limit), page.Rows.Select(row => row.Position.Offset));
                    Assert.Equal(after is null ? 0 : Math.Max(0, matching.Count - limit), page.Skipped);
                    Assert.Equal(behind.Count > 0 ? behind[^1].Offset : after?.Offset, page.Next?.Offset);
                }

                Assert.Equal(page.Rows.Select(row => all.First(e => e.Offset == row.Position.Offset).Endpoint), page.Rows.Select(row => row.Endpoint));
                after = page.Next ?? after;
                Assert.Equal(retained.Count, view.Status.Retained);
            }

            foreach (var gone in all.SkipLast(Capacity))
            {
                Assert.Null(view.Find(new EventPosition(0, gone.Offset)));
            }

            foreach (var kept in all.TakeLast(Capacity))
            {
                Assert.Equal(kept.Endpoint, view.Find(new EventPosition(0, kept.Offset))?.Endpoint);
            }
        }, iter: 500);
    }

    [Fact]
    public void Paging_back_with_before_walks_through_every_row_once()
    {
        using var view = new LiveView(Batches.Stream, new LiveOptions { RingCapacity = 20_000 }, new FakeTimeProvider());
        for (var i = 0; i < 30; i++)
        {
            using var batch = Batches.Of([.. Enumerable.Range(0, 777).Select(j => new Event(0) { Message = $"{i}-{j}" })], i * 780L, 1, rejected: 3);
            view.Add(batch);
        }

        var seen = new List<long>();
        EventPosition? before = null;
        while (true)
        {
            var page = view.ReadRecent(new RecentQuery(EventFilter.None, 500, Before: before));
            if (page.Rows.Count == 0)
            {
                break;
            }

            seen.InsertRange(0, page.Rows.Select(row => row.Position.Offset));
            before = page.Rows[0].Position;
        }

        Assert.Equal(Enumerable.Range(0, 30).SelectMany(i => Enumerable.Range(0, 777).Select(j => (i * 780L) + j)).TakeLast(20_000), seen);
    }

    [Fact]
    public void Single_events_share_chunks_and_keep_their_memory_near_their_size()
    {
        using var view = new LiveView(Batches.Stream, new LiveOptions { RingCapacity = 10_000 }, new FakeTimeProvider());
        for (var i = 0; i < 30_000; i++)
        {
            using var batch = Batches.Of([new Event(i) { Message = "m" + i, Endpoint = "/e" }], i, 1);
            view.Add(batch);
        }

        Assert.Equal(10_000, view.Status.Retained);
        Assert.InRange(view.Bytes.Ring, 1, 10_000 * 150);
        Assert.Equal("m29999", view.Find(new EventPosition(0, 29_999))!.Message);
    }

    [Fact]
    public void A_row_has_every_field_and_attribute()
    {
        using var view = new LiveView(Batches.Stream, new LiveOptions(), new FakeTimeProvider());
        using var batch = Batches.Of(
            [new Event(5), new Event(1_000_000) { Level = "WARN", Source = "s", Endpoint = "/é", Method = "GET", Status = 404, ResponseTime = 1.5, Session = "x", Bytes = 7, Message = "m", Attributes = [new("region", "eu"), new("empty", null)] }],
            10, 42);
        view.Add(batch);
        var row = view.Find(new EventPosition(0, 11))!;
        Assert.Equal((1_000_000L, 42L, "WARN", "s", "/é", "GET", (int?)404, (double?)1.5, "m"),
            (row.TimestampMicros, row.ReceivedAtMicros, row.Level, row.Source, row.Endpoint, row.Method, row.Status, row.ResponseTimeMs, row.Message));
        Assert.Equal([new("session_id", "x"), new("bytes", "7")], row.Fields);
        Assert.Equal([new("region", "eu"), new("empty", null)], row.Attributes);
        var bare = view.Find(new EventPosition(0, 10))!;
        Assert.Null(bare.Level);
        Assert.Empty(bare.Fields);
        Assert.Empty(bare.Attributes);
    }

    [Fact]
    public void Several_partitions_are_told_apart()
    {
        using var view = new LiveView(Batches.Stream, new LiveOptions(), new FakeTimeProvider());
        for (var i = 0; i < 10; i++)
        {
            using var batch = Batches.Of([new Event(i) { Message = $"{i % 2}/{i / 2}" }], i / 2, 1, partition: i % 2);
            view.Add(batch);
        }

        Assert.Equal("1/3", view.Find(new EventPosition(1, 3))!.Message);
        var page = view.ReadRecent(new RecentQuery(EventFilter.None, 100, After: new EventPosition(0, 3), OldestFirst: true));
        Assert.Equal(["1/3", "0/4", "1/4"], page.Rows.Select(row => row.Message));
    }
}
