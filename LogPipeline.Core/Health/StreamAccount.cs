using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Lake.Writing;

namespace LogPipeline.Core.Health;

/// <summary>Where the records of one stream are, read from the event log and the tables themselves.</summary>
/// <param name="End">Records in the event log since it began, summed over its partitions, and those stored from logs of another broker before; beyond the tables' position, offsets that carry none count too.</param>
/// <param name="StoredThrough">Records at or before the tables' position.</param>
/// <param name="Rows">Rows of the stream's table.</param>
/// <param name="DeadLetters">Rows of <c>dead_letters</c> for the stream.</param>
/// <param name="Settled">Whether position and rows belong together; otherwise a commit is half way and rows are counted beyond the position.</param>
/// <param name="Version">Version of the stream's table; null before it is made.</param>
/// <param name="CommittedAt">When that was committed.</param>
internal sealed record StreamAccount(long End, long StoredThrough, long Rows, long DeadLetters, bool Settled, long? Version, DateTimeOffset? CommittedAt)
{
    /// <summary>Records that no table holds.</summary>
    /// <remarks>Between the two commits of one range a dead letter, or rows of some days, are stored before the position says so.</remarks>
    public long InFlight => Settled ? End - StoredThrough : Math.Max(0, End - Rows - DeadLetters);
}

/// <summary>Reads the accounts of one stream.</summary>
/// <param name="log">Its event log.</param>
/// <param name="tables">The tables.</param>
/// <param name="positions">How the writing engine notes positions.</param>
/// <param name="isOnly">Whether the host has no other stream, so that every dead letter is of this one.</param>
internal sealed class StreamAccountReader(IEventLog log, LakeTables tables, ITablePositions positions, bool isOnly)
{
    private (long Version, long Count) letters = (-1, 0);

    /// <summary>Reads the account: tables first, the log's end last, so that nothing seems stored that was not received.</summary>
    public StreamAccount Read()
    {
        var table = tables.Find(log.Stream.Table)?.Snapshot();
        var deadLetters = tables.Find(DeadLetterTable.Name)?.Snapshot();
        var stored = positions.Read(log, table, deadLetters);
        var others = TransactionPositions.RecordsOfOthers(log.Stream.Name, log.LogId, table, deadLetters);
        if (deadLetters is not null && deadLetters.Version != letters.Version)
        {
            letters = (deadLetters.Version, isOnly ? deadLetters.Files.Sum(file => file.Rows ?? 0) : DeadLetterFiles.CountOf(deadLetters, log.Stream.Name));
        }

        return new StreamAccount(
            others + log.Bounds.Sum(bounds => bounds.End) - stored.Empty,
            others + stored.Last.Values.Sum(last => last + 1) - stored.Empty,
            table?.Files.Sum(file => file.Rows ?? 0) ?? 0,
            letters.Count,
            stored.Settled,
            table?.Version,
            table?.CommittedAt);
    }
}
