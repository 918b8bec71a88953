using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake.Delta;

namespace LogPipeline.Core.Lake.Writing;

/// <summary>Opens a stream's tables for our own writer, behind what another engine has stored.</summary>
/// <remarks>
/// How far the other engine came is committed as positions of our writer, before that stores anything: from then on the table alone says it. Dead letters
/// that the other engine had yet to store are read from the event log and stored first; until the positions are committed that may be done again.
/// </remarks>
/// <param name="log">The event log.</param>
/// <param name="tables">The tables.</param>
/// <param name="options">Which log is adopted, and how much is read at once.</param>
/// <param name="engines">Reads the positions of every engine.</param>
/// <param name="storeOf">Stores in tables that are open.</param>
internal sealed class TakeOver(IEventLog log, LakeTables tables, LakeOptions options, ITablePositions engines, Func<StreamTables, LakeStore> storeOf)
{
    /// <summary>Opens the tables.</summary>
    /// <exception cref="LakeException">A table cannot take the stream, or was written from another log.</exception>
    /// <exception cref="IOException">The volume failed.</exception>
    public async Task<StreamTables> OpenAsync(CancellationToken cancellationToken)
    {
        var opened = StreamTables.Open(log, tables, options);
        var stored = engines.Read(log, opened.Table.Snapshot(), opened.DeadLetters.Snapshot());
        var ahead = stored.Last.Where(one => one.Value > (opened.Positions.Of(one.Key) ?? -1)).ToList();
        if (ahead.Count == 0)
        {
            return opened;
        }

        StreamTables.Check(log, opened.Table.Name, stored.Last);
        if (stored.DeadLettersMissing.Count > 0)
        {
            await StoreDeadLettersAsync(storeOf(opened), stored, cancellationToken);
        }

        await log.ConfirmAsync(cancellationToken);
        var moves = MovesTo(opened.Positions, log.LogId, log.Stream.Name, ahead.ToDictionary(), stored, opened.Table.Snapshot(), opened.DeadLetters.Snapshot());
        switch (opened.Table.Commit(new CommitRequest("TAKE OVER") { Txns = moves }))
        {
            case CommitOutcome.Committed:
                opened.Positions.Committed(moves, ahead.Select(one => (one.Key, one.Value)));
                return opened;
            case CommitOutcome.Unavailable(var reason):
                throw new IOException(reason);
            default:
                throw new LakeException($"Another writer moved the position of table '{opened.Table.Name}' while it was taken over; only one host may write it");
        }
    }

    /// <summary>Positions of another engine as positions of ours.</summary>
    /// <remarks>How many offsets up to the positions carry no record is known for all partitions together: it is noted at the first.</remarks>
    /// <param name="own">Positions that our writer committed.</param>
    /// <param name="logId">Identity of the event log.</param>
    /// <param name="stream">Name of the stream.</param>
    /// <param name="ahead">Positions that are ahead of those.</param>
    /// <param name="stored">All positions.</param>
    /// <param name="table">The stream's table.</param>
    /// <param name="deadLetters">Table <c>dead_letters</c>.</param>
    public static List<TxnMove> MovesTo(
        StreamPositions own, string logId, string stream, Dictionary<int, long> ahead, StoredPositions stored, TableSnapshot table, TableSnapshot? deadLetters)
    {
        var records = ahead.ToDictionary(one => one.Key, one => one.Value - (own.Of(one.Key) ?? -1));
        if (table.RowCount is { } rows)
        {
            var letters = deadLetters is null ? 0 : DeadLetterFiles.CountOf(deadLetters, stream);
            var empty = stored.Last.Values.Sum(last => last + 1) + TransactionPositions.RecordsOfOthers(stream, logId, table, deadLetters) - rows - letters;
            records[ahead.Keys.First()] -= Math.Max(0, empty - own.Partitions.Sum(own.EmptyOf));
        }

        return own.Moves(ahead, through: null, records);
    }

    private async Task StoreDeadLettersAsync(LakeStore store, StoredPositions stored, CancellationToken cancellationToken)
    {
        var missing = stored.DeadLettersMissing.Keys.ToHashSet();
        var from = stored.Last.Select(one => new EventPosition(one.Key, stored.DeadLettersMissing.GetValueOrDefault(one.Key, one.Value + 1))).ToList();
        var pending = new PendingCommit(0);
        try
        {
            await foreach (var read in log.ReadAsync(from, follow: false, cancellationToken))
            {
                var range = read is LogRead.Batch(var batch) ? batch.Range : ((LogRead.Gap)read).Range;
                if (read is LogRead.Batch(var kept))
                {
                    pending.Add(kept);
                }

                if (range.Last >= stored.Last.GetValueOrDefault(range.Partition))
                {
                    missing.Remove(range.Partition);
                }

                if (pending.Bytes >= options.CommitBytes || missing.Count == 0)
                {
                    Store();
                }

                if (missing.Count == 0)
                {
                    return;
                }
            }

            Store();
        }
        finally
        {
            pending.Release();
        }

        void Store()
        {
            if (store.StoreRejected(pending) is { } end)
            {
                throw new IOException(end is SessionEnd.Unavailable(var reason) ? reason : $"Another writer moved the position of table '{DeadLetterTable.Name}'");
            }

            pending.Release();
            pending = new PendingCommit(0);
        }
    }
}
