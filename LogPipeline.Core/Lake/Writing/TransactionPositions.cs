namespace LogPipeline.Core.Lake.Writing;

/// <summary>Positions that our writer committed as transactions of the tables.</summary>
internal sealed class TransactionPositions : ITablePositions
{
    /// <inheritdoc/>
    public StoredPositions Read(string stream, string logId, TableSnapshot? table, TableSnapshot? deadLetters)
    {
        var stored = Of(table);
        var rejected = Of(deadLetters);

        // dead_letters is committed before the stream's table for the same range.
        var settled = !stored.IsHalfWay && !rejected.IsHalfWay && rejected.Partitions.All(partition => rejected.Of(partition) <= (stored.Of(partition) ?? -1));
        return new StoredPositions(stored.Partitions.ToDictionary(partition => partition, partition => stored.Of(partition)!.Value), settled) { Empty = stored.Partitions.Sum(stored.EmptyOf) };

        StreamPositions Of(TableSnapshot? one) => one is null
            ? new StreamPositions(stream, logId)
            : StreamPositions.Read(one.Transactions, stream, logId, out _);
    }

    /// <inheritdoc/>
    public IReadOnlySet<string> LogsOf(string stream, TableSnapshot? table)
    {
        _ = StreamPositions.Read(table?.Transactions ?? new Dictionary<string, long>(), stream, "", out var logs);
        return logs;
    }
}
