using CsCheck;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Live;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace LogPipeline.Tests.Live;

/// <summary>Vectors of positions over several partitions with gaps: they mean the same on every host, whatever the order of arrival.</summary>
public sealed class PartitionVectorTests
{
    private const int Partitions = 3;
    private static readonly EventFilter OnlyB = new([new FilterTerm("endpoint", "/b")]);

    [Fact]
    public void Reading_behind_a_vector_gives_every_event_once_also_when_the_hosts_change_in_between()
    {
        var step = Gen.Select(Gen.Int[0, 2], Gen.Int[1, 20], Gen.Int[0, 3], Gen.Int[1, 15], Gen.Bool);
        Gen.Select(step.Array[1, 40], Gen.Bool, Gen.Int).Sample(input =>
        {
            var (steps, filtered, seed) = input;
            using var one = View();
            using var other = View();
            var all = Feed(one, steps.Select(s => (s.Item1, s.Item2, s.Item3)));
            Feed(other, Shuffled(steps.Select(s => (s.Item1, s.Item2, s.Item3)), seed));
            var expected = all.Where(e => !filtered || e.Endpoint == "/b").Select(e => e.Position).ToHashSet();

            var seen = new HashSet<EventPosition>();
            IReadOnlyList<EventPosition> behind = [];
            for (var round = 0; ; round++)
            {
                var view = steps[round % steps.Length].Item5 ? one : other;
                var limit = steps[round % steps.Length].Item4;
                var page = view.ReadRecent(new RecentQuery(filtered ? OnlyB : EventFilter.None, limit) { Behind = behind });
                Assert.Equal(0, page.Missed);
                Assert.All(page.Rows, row => Assert.True(seen.Add(row.Position), $"{row.Position} twice"));
                behind = page.Place;
                if (page.Rows.Count < limit)
                {
                    break;
                }
            }

            Assert.Equal(expected.Order(Comparer), seen.Order(Comparer));
        }, iter: 300);
    }

    [Fact]
    public void Before_an_event_lies_what_was_received_before_it_whatever_its_partition()
    {
        using var view = View();
        var all = Feed(view, [(0, 3, 1), (1, 4, 0), (0, 2, 0), (2, 1, 2), (1, 2, 1)]);
        Assert.Equal(all.Select(e => e.Position), view.ReadRecent(new RecentQuery(EventFilter.None, 100)).Rows.Select(row => row.Position));
        for (var index = 0; index < all.Count; index++)
        {
            var before = view.ReadRecent(new RecentQuery(EventFilter.None, 100, Before: all[index].Position));
            Assert.Equal(all.Take(index).Select(e => e.Position), before.Rows.Select(row => row.Position));
            var upTo = view.ReadRecent(new RecentQuery(EventFilter.None, 100) { UpTo = all[index].Position });
            Assert.Equal(all.Take(index + 1).Select(e => e.Position), upTo.Rows.Select(row => row.Position));
            var after = view.ReadRecent(new RecentQuery(EventFilter.None, 100, After: all[index].Position, OldestFirst: true));
            Assert.Equal(all.Skip(index + 1).Select(e => e.Position), after.Rows.Select(row => row.Position));
        }
    }

    [Fact]
    public void What_left_the_memory_of_a_partition_is_counted_and_offsets_without_events_are_not()
    {
        using var view = new LiveView(Batches.Stream, new LiveOptions { RingCapacity = 10 }, new FakeTimeProvider());
        var all = Feed(view, [(0, 6, 2), (1, 6, 3), (2, 4, 1)]);
        var page = view.ReadRecent(new RecentQuery(EventFilter.None, 100) { Behind = [new(0, -1), new(1, -1), new(2, -1)] });
        Assert.Equal(10, page.Rows.Count);
        Assert.Equal(all.Count - 10, page.Missed);
    }

    private static Comparer<EventPosition> Comparer { get; } =
        Comparer<EventPosition>.Create((left, right) => (left.Partition, left.Offset).CompareTo((right.Partition, right.Offset)));

    private static LiveView View() => new(Batches.Stream, new LiveOptions { RingCapacity = 10_000 }, new FakeTimeProvider());

    /// <summary>Feeds batches of (partition, events, offsets without an event behind each).</summary>
    private static List<(EventPosition Position, string Endpoint)> Feed(LiveView view, IEnumerable<(int Partition, int Events, int Holes)> steps)
    {
        var next = new long[Partitions];
        var all = new List<(EventPosition, string)>();
        foreach (var (partition, count, holes) in steps)
        {
            var first = next[partition];
            var offsets = Enumerable.Range(0, count).Select(index => first + (index * (holes + 1L))).ToArray();
            var events = offsets.Select(offset => new Event(0) { Endpoint = offset % 2 == 0 ? "/a" : "/b" }).ToList();
            next[partition] = offsets[^1] + holes + 1;
            using var batch = new EventBatch(Batches.Stream, Batches.Columns(events), [], new EventRange(partition, first, next[partition] - 1), 1) { SparseOffsets = offsets };
            view.Add(batch);
            all.AddRange(offsets.Select((offset, index) => (new EventPosition(partition, offset), events[index].Endpoint!)));
        }

        return all;
    }

    // Another host reads the partitions in another order, and each partition in its own.
    private static IEnumerable<(int Partition, int Events, int Holes)> Shuffled(IEnumerable<(int Partition, int Events, int Holes)> steps, int seed)
    {
        var random = new Random(seed);
        var queues = steps.GroupBy(step => step.Partition).Select(group => new Queue<(int, int, int)>(group)).ToList();
        while (queues.Count > 0)
        {
            var queue = queues[random.Next(queues.Count)];
            yield return queue.Dequeue();
            queues.RemoveAll(one => one.Count == 0);
        }
    }
}
