using LogPipeline.Core.EventLog;
using LogPipeline.Core.Streams;

namespace LogPipeline.Core.Live.Recent;

/// <summary>Up to 4,096 consecutive recent events by column, each with its position and time of receipt.</summary>
internal sealed class RingChunk
{
    public const int MaxRows = 4_096;
    private const long MaxBytes = 4 << 20;
    private readonly long[] offsets = new long[MaxRows];
    private readonly long[] received = new long[MaxRows];
    private readonly int[] partitions = new int[MaxRows];
    private readonly ChunkColumn[] columns;

    public RingChunk(StreamSchema schema, long firstSequence)
    {
        FirstSequence = firstSequence;
        columns =
        [
            .. schema.Columns.Select(column => (ChunkColumn)(column.Type.Name switch
            {
                "string" => new StringChunk(),
                "int" => new NumberChunk<int>(),
                "double" => new NumberChunk<double>(),
                "boolean" => new BooleanChunk(),
                _ => new NumberChunk<long>(),
            })),
            new MapChunk(),
        ];
    }

    /// <summary>Number of the first row, counted in the order of arrival.</summary>
    public long FirstSequence { get; }

    /// <summary>Rows; the writer's own figure. Readers use what they were given with the snapshot.</summary>
    public int Count { get; private set; }

    public bool IsFull { get; private set; }

    public MapChunk Attributes => (MapChunk)columns[^1];

    public long Bytes => (MaxRows * 20L) + columns.Sum(column => column.Bytes);

    public ChunkColumn Column(int index) => columns[index];

    public EventPosition Position(int row) => new(partitions[row], offsets[row]);

    public long Received(int row) => received[row];

    /// <summary>Takes rows of a batch from <paramref name="from"/> on.</summary>
    /// <returns>How many it took; not 0 unless it is full.</returns>
    public int Append(EventBatch batch, int from)
    {
        var taken = IsFull ? 0 : Math.Min(batch.Events.Length - from, MaxRows - Count);
        if (taken == 0)
        {
            return 0;
        }

        for (var i = 0; i < columns.Length; i++)
        {
            columns[i].Append(batch.Events.Column(i), from, taken, Count);
        }

        var receivedEach = batch.SparseReceivedAtMicros.Span;
        for (var i = 0; i < taken; i++)
        {
            offsets[Count + i] = batch.OffsetOf(from + i);
            partitions[Count + i] = batch.Range.Partition;
            received[Count + i] = receivedEach.IsEmpty ? batch.ReceivedAtMicros : receivedEach[from + i];
        }

        Count += taken;
        if (Count == MaxRows || columns.Sum(column => column.Bytes) > MaxBytes)
        {
            IsFull = true;
            foreach (var column in columns)
            {
                column.Trim();
            }
        }

        return taken;
    }

    /// <summary>The first of the rows from <paramref name="from"/> on that is behind every row of the chunk up to a position; -1 when the chunk has no row up to it.</summary>
    public int Behind(EventPosition position, int from, int count)
    {
        for (var row = count - 1; row >= from; row--)
        {
            if (partitions[row] == position.Partition && offsets[row] <= position.Offset)
            {
                return row + 1;
            }
        }

        return -1;
    }

    /// <summary>The first of the rows from <paramref name="from"/> on that is of a partition and at an offset or behind it; -1 when the chunk has none.</summary>
    /// <param name="position">Partition and offset.</param>
    /// <param name="from">First row to look at.</param>
    /// <param name="count">One past the last row to look at.</param>
    /// <param name="passed">Whether the chunk also has a row of the partition before the offset: no earlier chunk has one behind it.</param>
    public int AtOrBehind(EventPosition position, int from, int count, out bool passed)
    {
        var found = -1;
        passed = false;
        for (var row = count - 1; row >= from; row--)
        {
            if (partitions[row] != position.Partition)
            {
                continue;
            }

            if (offsets[row] < position.Offset)
            {
                passed = true;
                break;
            }

            found = row;
        }

        return found;
    }

    /// <summary>The row of a position, or -1.</summary>
    public int Find(EventPosition position, int from, int count)
    {
        for (var row = from; row < count; row++)
        {
            if (offsets[row] == position.Offset && partitions[row] == position.Partition)
            {
                return row;
            }
        }

        return -1;
    }

    /// <summary>Whether the chunk may hold a row up to a position.</summary>
    public bool MayHoldUpTo(EventPosition position) => partitions[0] != position.Partition || offsets[0] <= position.Offset;
}
