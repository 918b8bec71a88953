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

    /// <summary>Records that the tables hold of other event logs of a stream than one. Those logs had their turn before: their positions were noted when it ended.</summary>
    public static long RecordsOfOthers(string stream, string logId, TableSnapshot? table, TableSnapshot? deadLetters)
    {
        var positions = new TransactionPositions();
        return positions.LogsOf(stream, table).Where(other => other != logId).Select(other => positions.Read(stream, other, table, deadLetters))
            .Sum(stored => stored.Last.Values.Sum(last => last + 1) - stored.Empty);
    }

    /// <inheritdoc/>
    public IReadOnlySet<string> LogsOf(string stream, TableSnapshot? table)
    {
        _ = StreamPositions.Read(table?.Transactions ?? new Dictionary<string, long>(), stream, "", out var logs);
        return logs;
    }
}
