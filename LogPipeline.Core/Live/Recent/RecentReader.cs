using LogPipeline.Core.EventLog;
using LogPipeline.Core.Live.Filters;
using LogPipeline.Core.Streams;

namespace LogPipeline.Core.Live.Recent;

/// <summary>Answers <see cref="RecentQuery"/> from the ring. Safe from any thread.</summary>
internal sealed class RecentReader(EventRing ring, StreamSchema schema, TimeProvider clock)
{
    private const int MaxLimit = 100_000;
    private const int CachedFilters = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private const int RowsBetweenLooks = 16;
    private readonly ColumnPlaces places = new(schema);
    private readonly RowReader rows = new(schema, new ColumnPlaces(schema));
    private readonly Lock gate = new();
    private readonly Dictionary<EventFilter, CompiledFilter> filters = [];

    /// <exception cref="ArgumentException">The filter's regular expression is wrong or takes too long.</exception>
    public RecentPage Read(RecentQuery query)
    {
        var filter = Compile(query.Filter);
        var limit = Math.Clamp(query.Limit, 0, MaxLimit);
        var view = ring.View();
        if (query.Behind is { } places)
        {
            return ReadBehind(view, places, filter, limit);
        }

        var (first, end, missed) = (view.First, view.End, 0L);
        if (query.After is { } after)
        {
            var behind = view.Behind(after);
            first = behind ?? view.First;
            missed = behind is null ? ring.Missed(after, view) : 0;
        }

        if (query.Before is { } before)
        {
            end = view.IsOlder(before) ? view.First : view.AtOrBehind(before) ?? view.End;
        }
        else if (query.UpTo is { } last)
        {
            end = view.Behind(last) ?? view.First;
        }

        if (query.Bounds is { } bounds)
        {
            end = ring.Partitions.Max(partition => bounds.TryGetValue(partition, out var bound) ? view.Behind(new EventPosition(partition, bound - 1)) : view.End) ?? view.First;
        }

        end = Math.Max(first, end);
        var scan = new Scan(view, filter, limit, clock, query.Bounds);
        if (query is { After: not null, OldestFirst: true })
        {
            scan.Forward(first, end);
        }
        else
        {
            scan.Backward(first, end, countAll: query.After is not null);
        }

        return new RecentPage(
            [.. scan.Hits.Select(hit => rows.Read(hit.Chunk, hit.Row))],
            scan.Newest ?? query.After, scan.Scanned, missed, scan.Skipped)
        {
            Reached = query is { Bounds: null, Before: null } ? [] : view.LowestFrom(scan.Hits.Count < limit ? first : scan.Hits[0].Chunk.FirstSequence + scan.Hits[0].Row, ring.Partitions),
        };
    }

    // Where the partitions stand differs from host to host: the first row that is not seen is looked for in each one, and from the
    // earliest of these on rows that are seen are passed over.
    private RecentPage ReadBehind(RingView view, IReadOnlyList<EventPosition> behind, CompiledFilter filter, int limit)
    {
        var places = new RingPlaces(behind);
        var first = view.End;
        long missed = 0;
        foreach (var (partition, end) in ring.Ends().All)
        {
            var seen = new EventPosition(partition, places.Of(partition) ?? -1);
            places.Set(seen);
            if (seen.Offset + 1 < end)
            {
                first = Math.Min(first, view.AtOrBehind(seen with { Offset = seen.Offset + 1 }) ?? view.End);
                missed += view.Behind(seen) is null ? ring.Missed(seen, view) : 0;
            }
        }

        var scan = new Scan(view, filter, limit, clock, null) { Places = places };
        scan.Forward(first, view.End);
        return new RecentPage([.. scan.Hits.Select(hit => rows.Read(hit.Chunk, hit.Row))], scan.Newest, scan.Scanned, missed, 0) { Place = places.All };
    }

    public LogRow? Find(EventPosition position) => ring.View().Find(position) is var (chunk, row) ? rows.Read(chunk, row) : null;

    /// <summary>Compiles a filter, or finds it compiled: a tail asks with one filter again and again.</summary>
    /// <exception cref="ArgumentException">The filter's regular expression is wrong.</exception>
    public CompiledFilter Compile(EventFilter filter)
    {
        lock (gate)
        {
            if (filters.TryGetValue(filter, out var compiled))
            {
                return compiled;
            }
        }

        var made = new CompiledFilter(filter, schema, places);
        lock (gate)
        {
            if (filters.Count >= CachedFilters)
            {
                filters.Clear();
            }

            filters[filter] = made;
        }

        return made;
    }

    /// <summary>One pass over part of a view.</summary>
    private sealed class Scan(RingView view, CompiledFilter filter, int limit, TimeProvider clock, IReadOnlyDictionary<int, long>? bounds)
    {
        private readonly long began = clock.GetTimestamp();

        /// <summary>A place in every partition, for <see cref="Forward"/>: only rows behind it are looked at, and each one moves it.</summary>
        public RingPlaces? Places { get; init; }

        public List<(RingChunk Chunk, int Row)> Hits { get; } = [];

        /// <summary>Position of the newest row looked at.</summary>
        public EventPosition? Newest { get; private set; }

        public long Scanned { get; private set; }

        public long Skipped { get; private set; }

        public void Forward(long first, long end)
        {
            for (var i = 0; i < view.Chunks.Length && Hits.Count < limit; i++)
            {
                var (chunk, from, to) = Part(i, first, end);
                for (var row = from; row < to && Hits.Count < limit; row++)
                {
                    var position = chunk.Position(row);
                    if (Places is not null && !Places.TryMove(position))
                    {
                        continue;
                    }

                    Look();
                    Newest = position;
                    if (filter.Passes(chunk, row))
                    {
                        Hits.Add((chunk, row));
                    }
                }
            }
        }

        public void Backward(long first, long end, bool countAll)
        {
            for (var i = view.Chunks.Length - 1; i >= 0; i--)
            {
                var (chunk, from, to) = Part(i, first, end);
                for (var row = to - 1; row >= from; row--)
                {
                    if (IsBeyond(chunk.Position(row)))
                    {
                        continue;
                    }

                    Newest ??= chunk.Position(row);
                    if (Hits.Count >= limit)
                    {
                        if (!countAll)
                        {
                            Hits.Reverse();
                            return;
                        }

                        if (filter.IsEmpty)
                        {
                            Skipped = chunk.FirstSequence + row + 1 - first;
                            Scanned += Skipped;
                            Hits.Reverse();
                            return;
                        }
                    }

                    Look();
                    if (!filter.Passes(chunk, row))
                    {
                        continue;
                    }

                    if (Hits.Count < limit)
                    {
                        Hits.Add((chunk, row));
                    }
                    else
                    {
                        Skipped++;
                    }
                }
            }

            Hits.Reverse();
        }

        private bool IsBeyond(EventPosition position) => bounds is not null && bounds.TryGetValue(position.Partition, out var bound) && position.Offset >= bound;

        private (RingChunk Chunk, int From, int To) Part(int index, long first, long end)
        {
            var chunk = view.Chunks[index];
            var (from, to) = view.RowsIn(index);
            return (chunk, (int)Math.Max(from, first - chunk.FirstSequence), (int)Math.Min(to, end - chunk.FirstSequence));
        }

        /// <summary>Counts a row, and stops a search that one slow expression would keep going for minutes.</summary>
        private void Look()
        {
            if (++Scanned % RowsBetweenLooks == 0 && clock.GetElapsedTime(began) > Patience)
            {
                throw new ArgumentException("q: the search takes too long; make the expression simpler or add a filter");
            }
        }
    }
}
