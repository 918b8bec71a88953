using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake.Delta;

namespace LogPipeline.Core.Lake.Writing;

/// <summary>Stores one batch after the other: first its rejected records, then its rows with the position after them.</summary>
internal sealed class LakeStore : IBatchStore
{
    /// <summary>A commit touches at most this many days; a batch of more is committed in parts.</summary>
    public const int MaxDays = 16;

    private readonly IEventLog log;
    private readonly DeltaTable table;
    private readonly DeltaTable deadLetters;
    private readonly StreamTable shape;
    private readonly int partitionBase;
    private readonly StreamPositions positions;
    private readonly StreamPositions rejectedPositions;
    private readonly MetadataAction metadata;
    private readonly MetadataAction deadLetterMetadata;
    private readonly LakeEvents events;
    private readonly TimeProvider time;
    private readonly AppendCommit append;
    private readonly TxnMove guard;
    private readonly TxnMove deadLetterGuard;

    public LakeStore(IEventLog log, StreamTables tables, AppendCommit append, LakeEvents events, TimeProvider time)
    {
        this.log = log;
        table = tables.Table;
        deadLetters = tables.DeadLetters;
        shape = tables.Shape;
        partitionBase = tables.PartitionBase;
        positions = tables.Positions;
        this.events = events;
        this.time = time;
        this.append = append;
        guard = WriterFence.Guard(table);
        deadLetterGuard = WriterFence.Guard(deadLetters);
        metadata = table.Read(state => state.Metadata!);
        deadLetterMetadata = deadLetters.Read(state => state.Metadata!);
        rejectedPositions = deadLetters.Read(state => StreamPositions.Read(state, log.Stream.Name, log.LogId, out _));
    }

    /// <inheritdoc/>
    public StreamPositions Positions => positions;

    /// <inheritdoc/>
    public TableWriterFigures? Figures { get; private set; }

    /// <inheritdoc/>
    public void MarkStored()
    {
        foreach (var partition in positions.Partitions)
        {
            log.MarkStored(new EventPosition(partition, positions.Of(partition)!.Value));
        }
    }

    /// <inheritdoc/>
    public Task<SessionEnd?> StoreAsync(PendingCommit batch, CancellationToken cancellationToken) => Task.FromResult(Store(batch));

    private SessionEnd? Store(PendingCommit batch)
    {
        var started = time.GetTimestamp();
        if (StoreRejected(batch) is { } rejectedEnd)
        {
            return rejectedEnd;
        }

        var rows = new DatedRows(shape, partitionBase);
        foreach (var one in batch.Batches)
        {
            rows.Add(one, positions.NoteOf(one.Range.Partition));
        }

        var days = rows.ByDay.Keys.ToList();
        for (var start = 0; start == 0 || start < days.Count; start += MaxDays)
        {
            var part = days.Skip(start).Take(MaxDays).ToList();
            if (StorePart(batch, rows, part, isLast: start + MaxDays >= days.Count) is { } end)
            {
                return end;
            }
        }

        foreach (var (partition, last) in batch.Last)
        {
            log.MarkStored(new EventPosition(partition, last));
        }

        Note(batch.Batches.Sum(one => (long)one.Events.Length), time.GetElapsedTime(started));
        return null;
    }

    private void Note(long rows, TimeSpan elapsed)
    {
        var now = time.GetUtcNow();
        Figures = new TableWriterFigures(now, rows, elapsed)
        {
            InputRowsPerSecond = Figures is { } before && now > before.CommittedAt ? rows / (now - before.CommittedAt).TotalSeconds : null,
            ProcessedRowsPerSecond = elapsed > TimeSpan.Zero ? rows / elapsed.TotalSeconds : null,
        };
    }

    private SessionEnd? StorePart(PendingCommit batch, DatedRows rows, List<int> days, bool isLast)
    {
        var moves = positions.Moves(batch.Last, isLast ? null : days[^1], batch.Records);
        var started = time.GetTimestamp();
        var files = new AppendFiles(table, shape.Arrow, time);
        foreach (var day in days)
        {
            files.Write(day, rows.ByDay[day]);
        }

        var end = append.Commit(table, metadata, files, [.. moves, guard], started);
        if (end is null)
        {
            positions.Committed(moves, isLast ? batch.Last.Select(one => (one.Key, one.Value)) : []);
        }

        return end;
    }

    /// <summary>Stores the rejected records of a batch that <c>dead_letters</c> does not have.</summary>
    /// <returns>Null when they are stored; else why the session must end.</returns>
    public SessionEnd? StoreRejected(PendingCommit batch)
    {
        var byDay = new SortedDictionary<int, List<DeadLetter>>();
        var last = new Dictionary<int, long>();
        foreach (var one in batch.Batches)
        {
            var partition = one.Range.Partition;
            for (var index = 0; index < one.Rejected.Count; index++)
            {
                var offset = one.OffsetOfRejected(index);
                if (offset <= (rejectedPositions.Of(partition) ?? -1))
                {
                    continue;
                }

                var received = one.ReceivedAtOfRejected(index);
                var day = DatedRows.DayOf(received);
                if (!byDay.TryGetValue(day, out var letters))
                {
                    byDay[day] = letters = [];
                }

                letters.Add(new DeadLetter(one.Rejected[index], partitionBase + partition, offset, received));
                last[partition] = batch.Last[partition];
            }
        }

        if (byDay.Count == 0)
        {
            return null;
        }

        var started = time.GetTimestamp();
        var files = new AppendFiles(deadLetters, DeadLetterTable.Arrow, time);
        foreach (var (day, letters) in byDay)
        {
            using var rows = DeadLetterTable.ToRows(log.Stream.Name, letters);
            files.Write(day, [rows]);
        }

        var moves = last.Select(one => rejectedPositions.MoveTo(one.Key, one.Value)).ToList();
        var end = append.Commit(deadLetters, deadLetterMetadata, files, [.. moves, deadLetterGuard], started);
        if (end is null)
        {
            rejectedPositions.Committed(moves, last.Select(one => (one.Key, one.Value)));
            events.DeadLettered(log.Stream.Name, (int)files.Rows);
        }

        return end;
    }
}
