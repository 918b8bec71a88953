using LogPipeline.Core.Lake.Delta;

namespace LogPipeline.Core.Lake.Writing;

/// <summary>Which event logs a stream's table was written from, and which of them it is written from now.</summary>
/// <remarks>
/// A change of broker is a commit of the table: <c>logpipeline/&lt;stream&gt;/&lt;logId&gt;/turn</c> counts the changes, and the log with the highest count has its
/// turn. A table that was written from one log alone has no such notes. <c>…/base</c> is added to the partition numbers of a log that is not the table's first,
/// so that <c>(event_partition, event_offset)</c> names one row whichever log it came from.
/// </remarks>
/// <param name="stream">Name of the stream.</param>
/// <param name="transactions">Transactions of its table.</param>
/// <param name="known">The logs that the table was written from.</param>
internal sealed class LogTurns(string stream, IReadOnlyDictionary<string, long> transactions, IReadOnlySet<string> known)
{
    /// <summary>Note of a log's latest turn.</summary>
    public const string TurnNote = "turn";

    /// <summary>Note of what is added to a log's partitions.</summary>
    public const string BaseNote = "base";

    /// <summary>How far the bases are apart; no topic has as many partitions.</summary>
    public const int Step = 1 << 16;

    /// <summary>What is added to the partitions of a log in <c>event_partition</c>.</summary>
    public static int BaseOf(TableSnapshot? table, string stream, string logId) =>
        table is not null && table.Transactions.TryGetValue(AppId(stream, logId, BaseNote), out var partitionBase) ? (int)partitionBase : 0;

    /// <summary>Whether a log ever had its turn.</summary>
    public static bool IsNoted(TableSnapshot table, string stream, string logId) => table.Transactions.ContainsKey(AppId(stream, logId, TurnNote));

    /// <summary>The log that the table is written from, as a host sees it that comes with a log; null for a table that holds nothing.</summary>
    public string? CurrentFor(string logId)
    {
        var latest = known.Select(log => (Log: log, Turn: TurnOf(log))).OrderByDescending(one => one.Turn ?? 0).FirstOrDefault();
        return latest.Turn is not null ? latest.Log : known.Contains(logId) ? logId : latest.Log;
    }

    /// <summary>The moves that give a log its turn.</summary>
    public IEnumerable<TxnMove> MovesTo(string logId)
    {
        var turn = known.Append(logId).Max(log => TurnOf(log) ?? 0) + 1;
        yield return new TxnMove(AppId(stream, logId, TurnNote), TurnOf(logId), turn);
        if (!known.Contains(logId))
        {
            yield return new TxnMove(AppId(stream, logId, BaseNote), null, (long)known.Count * Step);
        }
    }

    private static string AppId(string stream, string logId, string note) => $"logpipeline/{stream}/{logId}/{note}";

    private long? TurnOf(string logId) => transactions.TryGetValue(AppId(stream, logId, TurnNote), out var turn) ? turn : null;
}
