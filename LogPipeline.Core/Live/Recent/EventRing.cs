using LogPipeline.Core.EventLog;
using LogPipeline.Core.Streams;

namespace LogPipeline.Core.Live.Recent;

/// <summary>The most recent events of a stream by column; the oldest make room. Safe for one writer and many readers.</summary>
/// <remarks>
/// Rows are numbered in the order of arrival. A reader takes a <see cref="RingView"/> under the lock and reads it outside: chunks are only
/// added to, and rows below the count of the view never change.
/// </remarks>
internal sealed class EventRing(StreamSchema schema, int capacity)
{
    private readonly Lock gate = new();
    private readonly Dictionary<int, OffsetLedger> ledgers = [];
    private RingChunk[] chunks = [];
    private long total;

    public int Capacity => capacity;

    public long Bytes => Volatile.Read(ref chunks).Sum(chunk => chunk.Bytes);

    public void Append(EventBatch batch)
    {
        lock (gate)
        {
            if (!ledgers.TryGetValue(batch.Range.Partition, out var ledger))
            {
                ledgers[batch.Range.Partition] = ledger = new OffsetLedger(batch.Range.First);
            }

            ledger.Add(batch);
            for (var from = 0; from < batch.Events.Length;)
            {
                if (chunks.Length == 0 || chunks[^1].IsFull)
                {
                    chunks = [.. chunks, new RingChunk(schema, total)];
                }

                var taken = chunks[^1].Append(batch, from);
                from += taken;
                total += taken;
                DropOldest();
            }
        }
    }

    /// <summary>Partitions that events have come from.</summary>
    public int[] Partitions
    {
        get
        {
            lock (gate)
            {
                return [.. ledgers.Keys];
            }
        }
    }

    public RingView View()
    {
        lock (gate)
        {
            return new RingView(chunks, Math.Max(0, total - capacity), total);
        }
    }

    /// <summary>Events behind a position that are not in a view any more.</summary>
    public long Missed(EventPosition after, RingView view)
    {
        lock (gate)
        {
            if (!ledgers.TryGetValue(after.Partition, out var ledger))
            {
                return 0;
            }

            var oldest = view.OldestOffset(after.Partition) ?? ledger.Next;
            return ledger.EventsBetween(after.Offset + 1, oldest);
        }
    }

    /// <summary>One past the last offset that was read of each partition.</summary>
    public RingPlaces Ends()
    {
        lock (gate)
        {
            return new RingPlaces(ledgers.Select(one => new EventPosition(one.Key, one.Value.Next)));
        }
    }

    private void DropOldest()
    {
        var gone = 0;
        while (gone < chunks.Length - 1 && chunks[gone + 1].FirstSequence <= total - capacity)
        {
            gone++;
        }

        if (gone > 0)
        {
            chunks = chunks[gone..];
        }
    }
}

/// <summary>What a reader sees of the ring: rows <paramref name="First"/> to before <paramref name="End"/>.</summary>
internal readonly record struct RingView(RingChunk[] Chunks, long First, long End)
{
    public long Count => End - First;

    /// <summary>Number of the first row behind a position; null when every row of its partition lies behind it.</summary>
    public long? Behind(EventPosition position)
    {
        for (var i = Chunks.Length - 1; i >= 0; i--)
        {
            var chunk = Chunks[i];
            var (from, to) = RowsIn(i);
            if (to <= from || !chunk.MayHoldUpTo(position))
            {
                continue;
            }

            var row = chunk.Behind(position, from, to);
            if (row >= 0)
            {
                return chunk.FirstSequence + row;
            }
        }

        return null;
    }

    /// <summary>Whether an event was received before every row of the view.</summary>
    public bool IsOlder(EventPosition position) => Find(position) is null && Behind(position) is null && AtOrBehind(position) is not null;

    /// <summary>Number of the first row of a partition at an offset or behind it; null when there is none.</summary>
    public long? AtOrBehind(EventPosition position)
    {
        long? found = null;
        for (var i = Chunks.Length - 1; i >= 0; i--)
        {
            var (from, to) = RowsIn(i);
            var row = Chunks[i].AtOrBehind(position, from, to, out var passed);
            found = row >= 0 ? Chunks[i].FirstSequence + row : found;
            if (passed)
            {
                break;
            }
        }

        return found;
    }

    /// <summary>Rows of the chunk at an index that belong to the view.</summary>
    public (int From, int To) RowsIn(int index)
    {
        var chunk = Chunks[index];
        var end = index + 1 < Chunks.Length ? Chunks[index + 1].FirstSequence : End;
        return ((int)Math.Max(0, First - chunk.FirstSequence), (int)(Math.Min(end, End) - chunk.FirstSequence));
    }

    /// <summary>The chunk and row of a position.</summary>
    public (RingChunk Chunk, int Row)? Find(EventPosition position)
    {
        for (var i = Chunks.Length - 1; i >= 0; i--)
        {
            var (from, to) = RowsIn(i);
            if (to <= from || !Chunks[i].MayHoldUpTo(position))
            {
                continue;
            }

            var row = Chunks[i].Find(position, from, to);
            if (row >= 0)
            {
                return (Chunks[i], row);
            }
        }

        return null;
    }

    /// <summary>For each partition the smallest offset from a row on; where it has none there, one past its last offset before.</summary>
    public IReadOnlyList<EventPosition> LowestFrom(long sequence, IEnumerable<int> partitions)
    {
        var wanted = partitions.ToHashSet();
        var lowest = new List<EventPosition>();
        for (var i = 0; i < Chunks.Length && wanted.Count > 0; i++)
        {
            var (from, to) = RowsIn(i);
            for (var row = (int)Math.Max(from, sequence - Chunks[i].FirstSequence); row < to && wanted.Count > 0; row++)
            {
                if (Chunks[i].Position(row) is var position && wanted.Remove(position.Partition))
                {
                    lowest.Add(position);
                }
            }
        }

        for (var i = Chunks.Length - 1; i >= 0 && wanted.Count > 0; i--)
        {
            var (from, to) = RowsIn(i);
            for (var row = (int)Math.Min(to, sequence - Chunks[i].FirstSequence) - 1; row >= from && wanted.Count > 0; row--)
            {
                if (Chunks[i].Position(row) is var position && wanted.Remove(position.Partition))
                {
                    lowest.Add(position with { Offset = position.Offset + 1 });
                }
            }
        }

        return lowest;
    }

    /// <summary>Smallest offset of a partition in the view.</summary>
    public long? OldestOffset(int partition)
    {
        for (var i = 0; i < Chunks.Length; i++)
        {
            var (from, to) = RowsIn(i);
            for (var row = from; row < to; row++)
            {
                if (Chunks[i].Position(row) is var position && position.Partition == partition)
                {
                    return position.Offset;
                }
            }
        }

        return null;
    }
}
