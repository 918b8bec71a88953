using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake.Delta;
using LogPipeline.Core.Lake.Leases;

namespace LogPipeline.Core.Lake.Writing;

/// <summary>Makes sure that a writer whose lease was taken over stores nothing more: its process may stand still or be cut off, and a query that it started may run on in Spark.</summary>
/// <remarks>
/// The commit that takes a table over moves the transactions on which those depend. Commits of our own writer depend on <c>logpipeline/lease</c>, which
/// holds the epoch. Delta's streaming sink passes over a batch whose number the query's transaction has reached, and fails when another commit moves
/// that transaction meanwhile: so it is raised beyond every number, in a way that tells what it was.
/// </remarks>
internal static class WriterFence
{
    private const string LeaseApp = "logpipeline/lease";
    private const long Beyond = 1L << 40;

    /// <summary>What every commit of our own writer depends on.</summary>
    public static TxnMove Guard(DeltaTable table) => new(LeaseApp, table.Read(state => state.PositionOf(LeaseApp)), null) { IsNote = true };

    /// <summary>Whether a query's transaction was raised: the query stores nothing more.</summary>
    public static bool IsRaised(long version) => version >= Beyond;

    /// <summary>The query's last batch in the table; -1 for none.</summary>
    public static long BatchOf(long version) => IsRaised(version) ? version - Beyond - 1 : version;

    /// <summary>Shuts the writer before this one out of a stream's tables. Positions must be read after it.</summary>
    /// <param name="lease">The leases that this writer holds.</param>
    /// <param name="log">The stream's event log.</param>
    /// <param name="tables">The tables.</param>
    /// <param name="engines">Knows what the engines may have left running.</param>
    /// <exception cref="LakeException">A table cannot be read or written.</exception>
    /// <exception cref="IOException">The volume failed.</exception>
    public static void Raise(WriterLease lease, IEventLog log, LakeTables tables, ITablePositions engines)
    {
        var own = lease.Of(log.Stream.Table);
        if (!own.EarlierMayWrite)
        {
            return;
        }

        var running = engines.QueriesOf(log.Stream.Name);
        Raise(tables.Find(log.Stream.Table), own.Epoch, running.Rows);
        Raise(tables.Find(DeadLetterTable.Name), lease.Of(DeadLetterTable.Name).Epoch, running.DeadLetters);
        own.EarlierMayWrite = false;
    }

    private static void Raise(DeltaTable? table, long epoch, string? query)
    {
        while (table is not null && MovesOf(table, epoch, query) is { Count: > 0 } moves)
        {
            if (table.Commit(new CommitRequest("TAKE OVER") { Txns = moves }) is CommitOutcome.Unavailable(var reason))
            {
                throw new IOException(reason);
            }

            // Where Delta in Spark finds a version free and then renames its own file to it, ours may have been replaced in between.
            table.Reload();
        }
    }

    private static List<TxnMove> MovesOf(DeltaTable table, long epoch, string? query) => table.Read(state =>
    {
        var moves = new List<TxnMove>();
        if (state.PositionOf(LeaseApp) is var before && before != epoch)
        {
            moves.Add(new TxnMove(LeaseApp, before, epoch) { IsNote = true });
        }

        if (query is not null && state.PositionOf(query) is var batch && batch is not >= Beyond)
        {
            moves.Add(new TxnMove(query, batch, Beyond + 1 + (batch ?? -1)) { IsNote = true });
        }

        return moves;
    });
}
