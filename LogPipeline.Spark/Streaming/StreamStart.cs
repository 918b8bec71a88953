using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Lake.Writing;

namespace LogPipeline.Spark.Streaming;

/// <summary>Where the queries of a stream begin: on the checkpoint in use, or on a new one when something came in between.</summary>
/// <param name="Tables">The tables.</param>
/// <param name="Checkpoint">The checkpoint.</param>
/// <param name="Gaps">Positions that the topic no longer holds and that were not stored.</param>
internal sealed record StreamStart(StreamTables Tables, StreamCheckpoint Checkpoint, IReadOnlyList<EventRange> Gaps)
{
    /// <summary>Opens tables and checkpoint.</summary>
    /// <remarks>
    /// A query with a checkpoint goes on where that says. So the checkpoint is used only while it says the same as the tables: once our own writer
    /// has stored more, or the topic has lost what was not stored, the queries begin at the farther place, on a new checkpoint.
    /// </remarks>
    /// <exception cref="LakeException">Table, checkpoint and topic do not belong together.</exception>
    /// <exception cref="IOException">The volume failed.</exception>
    public static StreamStart Open(IEventLog log, LakeTables lake, StreamCheckpoints checkpoints, LakeOptions options)
    {
        var tables = StreamTables.Open(log, lake, options);
        if (tables.Positions.IsHalfWay)
        {
            throw HalfWay(tables.Table.Name);
        }

        var snapshot = tables.Table.Snapshot();
        checkpoints.Check(log.Stream.Name, log.LogId, snapshot, options);
        var latest = checkpoints.Latest(log.Stream.Name, log.LogId);
        if (latest is null && checkpoints.Latest(log.Stream.Name) is { Rows.QueryId: { } id } other && snapshot.Transactions.ContainsKey(id)
            && !tables.Positions.Partitions.Any() && !LogTurns.IsNoted(snapshot, log.Stream.Name, log.LogId)
            && !options.Adopts(log.LogId))
        {
            throw StreamTables.ForeignLog(log, tables.Table.Name, [other.LogId]);
        }

        var next = StreamingPositions.NextOf(log.Stream.Name, log.LogId, latest, tables.Table.Snapshot(), tables.DeadLetters.Snapshot());
        StreamTables.Check(log, tables.Table.Name, next.Rows.ToDictionary(one => one.Key, one => one.Value - 1));
        var isCurrent = latest is not null && IsAt(latest.Rows, tables.Table.Snapshot(), next.Rows) && IsAt(latest.DeadLetters, tables.DeadLetters.Snapshot(), next.DeadLetters);
        var gaps = SkipLost(log, next);
        return new StreamStart(tables, isCurrent && gaps.Count == 0 ? latest! : checkpoints.Next(log.Stream, log.LogId, next, (latest?.Lost ?? 0) + gaps.Sum(gap => gap.Count)), gaps);
    }

    /// <summary>Makes sure that the checkpoint in use and the tables belong together; changes nothing.</summary>
    /// <exception cref="LakeException">They do not.</exception>
    public static void Check(IEventLog log, LakeTables lake, StreamCheckpoints checkpoints, LakeOptions options)
    {
        var table = lake.Find(log.Stream.Table)?.Snapshot();
        checkpoints.Check(log.Stream.Name, log.LogId, table, options);
        _ = StreamingPositions.NextOf(log.Stream.Name, log.LogId, checkpoints.Latest(log.Stream.Name, log.LogId), table, lake.Find(DeadLetterTable.Name)?.Snapshot());
    }

    /// <summary>Says that our own writer has not finished a batch.</summary>
    public static LakeException HalfWay(string table) => new(
        $"Table '{table}' holds part of a batch that this host was committing day by day. Run 'logpipeline engine switch --to spark', which finishes it");

    private static bool IsAt(QueryCheckpoint query, TableSnapshot table, SortedDictionary<int, long> next)
    {
        var own = query.NextBy(table.Transactions);
        return !query.IsShutOut(table.Transactions) && next.All(one => own.TryGetValue(one.Key, out var offset) && offset == one.Value);
    }

    private static List<EventRange> SkipLost(IEventLog log, NextOffsets next)
    {
        var gaps = new List<EventRange>();
        foreach (var bounds in log.Bounds)
        {
            if (next.Rows.TryGetValue(bounds.Partition, out var wanted) && wanted < bounds.Begin)
            {
                gaps.Add(new EventRange(bounds.Partition, wanted, bounds.Begin - 1));
                next.Rows[bounds.Partition] = bounds.Begin;
            }

            if (next.DeadLetters.TryGetValue(bounds.Partition, out var letters) && letters < bounds.Begin)
            {
                next.DeadLetters[bounds.Partition] = bounds.Begin;
            }
        }

        return gaps;
    }
}
