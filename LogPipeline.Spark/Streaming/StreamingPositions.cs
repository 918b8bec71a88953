using System.Collections.Concurrent;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Lake.Writing;

namespace LogPipeline.Spark.Streaming;

/// <summary>How far a stream of Kafka is stored, whichever engine stored it.</summary>
/// <remarks>
/// Where Structured Streaming stores, the table's transaction of the query names a batch, and the checkpoint says where that ended. Where our
/// own writer stores, the table's transactions hold the positions. The farther of the two is where the stream is.
/// </remarks>
internal sealed class StreamingPositions(StreamCheckpoints checkpoints, LakeOptions options) : ITablePositions
{
    private readonly TransactionPositions own = new();
    private readonly ConcurrentDictionary<string, (long Version, long Count)> letters = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public StoredPositions Read(string stream, string logId, TableSnapshot? table, TableSnapshot? deadLetters)
    {
        checkpoints.Check(stream, logId, table, options);
        var committed = own.Read(stream, logId, table, deadLetters);
        if (checkpoints.Latest(stream, logId) is not { } checkpoint)
        {
            return committed;
        }

        var next = NextOf(stream, logId, checkpoint, table, deadLetters);
        var missing = next.Rows.Where(one => next.DeadLetters.GetValueOrDefault(one.Key) < one.Value).ToDictionary(one => one.Key, one => next.DeadLetters.GetValueOrDefault(one.Key));
        return new StoredPositions(next.Rows.Where(one => one.Value > 0).ToDictionary(one => one.Key, one => one.Value - 1), committed.Settled && missing.Count == 0)
        {
            DeadLettersMissing = missing,
            Empty = missing.Count > 0 ? committed.Empty : EmptyOf(stream, logId, next, checkpoint.Lost, committed, table, deadLetters),
        };
    }

    /// <inheritdoc/>
    public StreamQueryIds QueriesOf(string stream) => checkpoints.Latest(stream) is { } checkpoint ? new(checkpoint.Rows.QueryId, checkpoint.DeadLetters.QueryId) : new(null, null);

    /// <inheritdoc/>
    public string? ProblemOf(string stream, TableSnapshot? table) => checkpoints.ProblemOf(stream, table);

    /// <inheritdoc/>
    public IReadOnlySet<string> LogsOf(string stream, TableSnapshot? table)
    {
        var logs = own.LogsOf(stream, table).ToHashSet(StringComparer.Ordinal);
        if (checkpoints.Latest(stream) is { Rows.QueryId: { } id } latest && TransactionsOf(table).ContainsKey(id))
        {
            logs.Add(latest.LogId);
        }

        return logs;
    }

    /// <summary>Where both of a stream's tables are.</summary>
    /// <param name="stream">Name of the stream.</param>
    /// <param name="logId">Identity of its event log.</param>
    /// <param name="checkpoint">The checkpoint of this log; null when there is none.</param>
    /// <param name="table">The stream's table.</param>
    /// <param name="deadLetters">Table <c>dead_letters</c>.</param>
    /// <exception cref="LakeException">A table is ahead of its checkpoint.</exception>
    public static NextOffsets NextOf(string stream, string logId, StreamCheckpoint? checkpoint, TableSnapshot? table, TableSnapshot? deadLetters)
    {
        var next = new NextOffsets([], []);
        if (checkpoint is not null)
        {
            Raise(next.Rows, checkpoint.Rows.NextBy(TransactionsOf(table)));
            Raise(next.DeadLetters, checkpoint.DeadLetters.NextBy(TransactionsOf(deadLetters)));
        }

        // Our own writer stores the dead letters of a range before its rows.
        var rows = Committed(table);
        Raise(next.Rows, rows);
        Raise(next.DeadLetters, rows);
        Raise(next.DeadLetters, Committed(deadLetters));
        return next;

        SortedDictionary<int, long> Committed(TableSnapshot? one)
        {
            var positions = StreamPositions.Read(TransactionsOf(one), stream, logId, out _);
            return new SortedDictionary<int, long>(positions.Partitions.ToDictionary(partition => partition, partition => positions.Of(partition)!.Value + 1));
        }
    }

    /// <summary>Offsets without a record, such as Kafka's marks at the ends of transactions: those of which neither table has anything, and which were not lost.</summary>
    private long EmptyOf(string stream, string logId, NextOffsets next, long lost, StoredPositions committed, TableSnapshot? table, TableSnapshot? deadLetters)
    {
        if (table?.RowCount is not { } rows || deadLetters is null)
        {
            return committed.Empty;
        }

        var counted = letters.GetValueOrDefault(stream, (-1, 0));
        if (counted.Version != deadLetters.Version)
        {
            counted = (deadLetters.Version, DeadLetterFiles.CountOf(deadLetters, stream));
            letters[stream] = counted;
        }

        return Math.Max(committed.Empty, next.Rows.Values.Sum() + TransactionPositions.RecordsOfOthers(stream, logId, table, deadLetters) - rows - counted.Count - lost);
    }

    private static IReadOnlyDictionary<string, long> TransactionsOf(TableSnapshot? table) => table?.Transactions ?? new Dictionary<string, long>();

    private static void Raise(SortedDictionary<int, long> next, IReadOnlyDictionary<int, long> to)
    {
        foreach (var (partition, offset) in to)
        {
            next[partition] = Math.Max(next.GetValueOrDefault(partition), offset);
        }
    }
}
