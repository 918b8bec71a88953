using Apache.Arrow;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake.Delta;
using LogPipeline.Core.Lake.Writing;

namespace LogPipeline.Core.Lake.ByMinute;

/// <summary>Derives one stream's aggregates by minute from its table, range after range.</summary>
/// <remarks>
/// It reads the rows back from the files that were committed rather than from the batches on their way: a row that is not in the table is then
/// never counted, what another engine stored before a switch is derived in the same way, a restart needs no event log, and writing waits for nothing.
/// The files are a minute old and still in the page cache; six of twenty columns are decoded.
/// </remarks>
internal sealed class ByMinuteWriter(
    string stream, string logId, ByMinuteTable definition, LakeTables tables, ITablePositions positions, LakeEvents events, TimeProvider time, Action<DeltaTable> committed)
{
    /// <summary>Events that one range holds at most, which bounds memory: a range of which no two events belong together takes about 100 MB.</summary>
    public const long MostEvents = 1 << 19;

    private readonly AppendCommit append = new(() => tables.Leases.IsHeld(definition.Name), events, time, committed);

    /// <summary>A writer of the rows of an event log.</summary>
    public ByMinuteWriter(IEventLog log, ByMinuteTable definition, LakeTables tables, ITablePositions positions, LakeEvents events, TimeProvider time, Action<DeltaTable> committed)
        : this(log.Stream.Name, log.LogId, definition, tables, positions, events, time, committed)
    {
    }

    /// <summary>Name of the derived table.</summary>
    public string Table => definition.Name;

    /// <summary>Whether this process is the one to derive: its writer of the stream holds the lease.</summary>
    public bool IsOurs => tables.Leases.IsHeld(definition.Name);

    /// <summary>Events of the source that are not derived yet.</summary>
    /// <exception cref="LakeException">A table cannot be read.</exception>
    public long Waiting() => tables.Find(definition.Source)?.Snapshot() is { } source
        ? RangesOf(source, DerivedPositions(tables.Find(definition.Name))).Sum(range => range.Count) : 0;

    /// <summary>Derives everything that is stored. The lease must be held.</summary>
    /// <returns>Null when it is done; else why it is not.</returns>
    /// <exception cref="LakeException">A table cannot be read, or the derived one cannot take the rows.</exception>
    /// <exception cref="IOException">The volume failed.</exception>
    public SessionEnd? RunToEnd(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (tables.Find(definition.Source)?.Snapshot() is not { } source)
            {
                return null;
            }

            var table = tables.OpenOrCreate(definition.Name, ByMinuteTable.Schema, [StreamTable.DateColumn]);
            TableFit.Ensure(table, ByMinuteTable.Schema);
            var derived = DerivedPositions(table);
            var ranges = NextRanges(source, derived);
            if (ranges.Count == 0)
            {
                return null;
            }

            if (Derive(source, table, derived, ranges, cancellationToken) is { } end)
            {
                return end;
            }
        }
    }

    private StreamPositions DerivedPositions(DeltaTable? table) => table is null
        ? new StreamPositions(stream, logId)
        : table.Read(state => StreamPositions.Read(state, stream, logId, out _));

    private List<EventRange> RangesOf(TableSnapshot source, StreamPositions derived) =>
        [.. positions.Read(stream, logId, source, deadLetters: null).Last
            .Select(stored => new EventRange(stored.Key, (derived.Of(stored.Key) ?? -1) + 1, stored.Value))
            .Where(range => range.Count > 0)
            .OrderBy(range => range.Partition)];

    // A range that was committed in parts is finished as it was begun; else each partition has its share of the most events.
    private List<EventRange> NextRanges(TableSnapshot source, StreamPositions derived)
    {
        var all = RangesOf(source, derived);
        var begun = all.Where(range => derived.NoteOf(range.Partition) is not null).Select(range => range with { Last = derived.NoteOf(range.Partition)!.Value.Until }).ToList();
        return begun.Count > 0 ? begun : [.. all.Select(range => range with { Last = Math.Min(range.Last, range.First + (MostEvents / all.Count) - 1) })];
    }

    // Offsets of which the table has no row, such as those before a topic's begin, are passed over at once.
    private List<EventRange> BeyondNothing(TableSnapshot source, List<EventRange> all, CancellationToken cancellationToken)
    {
        var least = new Dictionary<int, long>();
        var partitionBase = LogTurns.BaseOf(source, stream, logId);
        foreach (var batch in RangeReader.Read(source, InTable(source, all), [StreamTable.PartitionColumn, StreamTable.OffsetColumn], cancellationToken))
        {
            var (partitions, offsets) = ((Int32Array)batch.Column(StreamTable.PartitionColumn), (Int64Array)batch.Column(StreamTable.OffsetColumn));
            for (var row = 0; row < batch.Length; row++)
            {
                if (partitions.GetValue(row) - partitionBase is { } partition && offsets.GetValue(row) is { } offset
                    && all.Exists(range => range.Partition == partition && offset >= range.First && offset <= range.Last)
                    && (!least.TryGetValue(partition, out var first) || offset < first))
                {
                    least[partition] = offset;
                }
            }
        }

        return [.. all.Select(range => range with { Last = least.TryGetValue(range.Partition, out var first) ? Math.Min(range.Last, first + (MostEvents / all.Count) - 1) : range.Last })];
    }

    private MinuteTotals Sum(TableSnapshot source, List<EventRange> ranges, CancellationToken cancellationToken)
    {
        var inTable = InTable(source, ranges);
        var totals = new MinuteTotals(inTable);
        foreach (var batch in RangeReader.Read(source, inTable, MinuteTotals.Columns, cancellationToken))
        {
            totals.Add(batch);
        }

        return totals;
    }

    private List<EventRange> InTable(TableSnapshot source, List<EventRange> ranges) =>
        LogTurns.BaseOf(source, stream, logId) is not 0 and var added ? [.. ranges.Select(range => range with { Partition = added + range.Partition })] : ranges;

    private SessionEnd? Derive(TableSnapshot source, DeltaTable table, StreamPositions derived, List<EventRange> ranges, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var totals = Sum(source, ranges, cancellationToken);
        if (totals.Count == 0 && RangesOf(source, derived) is var all && all.Sum(range => range.Count) > ranges.Sum(range => range.Count))
        {
            ranges = BeyondNothing(source, all, cancellationToken);
            totals = Sum(source, ranges, cancellationToken);
        }

        var last = ranges.ToDictionary(range => range.Partition, range => range.Last);
        var through = ranges.Max(range => derived.NoteOf(range.Partition)?.Through) ?? int.MinValue;
        var metadata = table.Read(state => state.Metadata!);
        var days = totals.ToRows().Where(day => day.Day > through).ToList();
        for (var start = 0; start == 0 || start < days.Count; start += LakeStore.MaxDays)
        {
            var part = days.Skip(start).Take(LakeStore.MaxDays).ToList();
            var isLast = start + LakeStore.MaxDays >= days.Count;
            var files = new AppendFiles(table, ByMinuteTable.Arrow, time);
            foreach (var (day, rows) in part)
            {
                using (rows)
                {
                    files.Write(day, [rows]);
                }
            }

            var moves = derived.Moves(last, isLast ? null : part[^1].Day);
            if (append.Commit(table, metadata, files, moves, started) is { } end)
            {
                return end;
            }

            derived.Committed(moves, isLast ? ranges.Select(range => (range.Partition, range.Last)) : []);
        }

        return null;
    }
}
