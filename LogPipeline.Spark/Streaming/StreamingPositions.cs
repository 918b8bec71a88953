using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Lake.Writing;

namespace LogPipeline.Spark.Streaming;

/// <summary>How far a stream is stored, where Structured Streaming stores it: the table's transaction of the query names a batch, and the checkpoint says where that ended.</summary>
/// <remarks>Whatever the embedded engine stored before, or after, counts too: the farther of the two is where the stream is.</remarks>
internal sealed class StreamingPositions(StreamCheckpoints checkpoints) : ITablePositions
{
    /// <inheritdoc/>
    public StoredPositions Read(IEventLog log, TableSnapshot? table, TableSnapshot? deadLetters)
    {
        try
        {
            var rows = NextOf(log, table, checkpoint => checkpoint.Rows);
            var rejected = NextOf(log, deadLetters, checkpoint => checkpoint.DeadLetters);
            return new StoredPositions(
                rows.Where(one => one.Value > 0).ToDictionary(one => one.Key, one => one.Value - 1),
                rows.All(one => rejected.GetValueOrDefault(one.Key) >= one.Value));
        }
        catch (EventLogException error)
        {
            throw new LakeException(error.Message, error);
        }
    }

    /// <summary>The first offset of each partition that is not stored in a table.</summary>
    /// <exception cref="EventLogException">The table is ahead of its checkpoint.</exception>
    public SortedDictionary<int, long> NextOf(IEventLog log, TableSnapshot? table, Func<StreamCheckpoint, QueryCheckpoint> query)
    {
        var transactions = table?.Transactions ?? new Dictionary<string, long>();
        var next = new SortedDictionary<int, long>();
        if (checkpoints.Latest(log.Stream.Name) is { } checkpoint && checkpoint.LogId == log.LogId)
        {
            Raise(next, query(checkpoint).NextBy(transactions));
        }

        var committed = StreamPositions.Read(transactions, log.Stream.Name, log.LogId, out _);
        Raise(next, committed.Partitions.ToDictionary(partition => partition, partition => committed.Of(partition)!.Value + 1));
        return next;
    }

    private static void Raise(SortedDictionary<int, long> next, IReadOnlyDictionary<int, long> to)
    {
        foreach (var (partition, offset) in to)
        {
            next[partition] = Math.Max(next.GetValueOrDefault(partition), offset);
        }
    }
}
