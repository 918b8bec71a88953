using LogPipeline.Core.EventLog;

namespace LogPipeline.Core.Lake.Writing;

/// <summary>Positions that our writer committed as transactions of the tables.</summary>
internal sealed class TransactionPositions : ITablePositions
{
    /// <inheritdoc/>
    public StoredPositions Read(IEventLog log, TableSnapshot? table, TableSnapshot? deadLetters)
    {
        var stored = Of(table);
        var rejected = Of(deadLetters);

        // dead_letters is committed before the stream's table for the same range.
        var settled = !stored.IsHalfWay && !rejected.IsHalfWay && rejected.Partitions.All(partition => rejected.Of(partition) <= (stored.Of(partition) ?? -1));
        return new StoredPositions(stored.Partitions.ToDictionary(partition => partition, partition => stored.Of(partition)!.Value), settled) { Empty = stored.Partitions.Sum(stored.EmptyOf) };

        StreamPositions Of(TableSnapshot? one) => one is null
            ? new StreamPositions(log.Stream.Name, log.LogId)
            : StreamPositions.Read(one.Transactions, log.Stream.Name, log.LogId, out _);
    }
}
