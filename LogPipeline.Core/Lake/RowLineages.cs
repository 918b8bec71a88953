using System.Globalization;
using System.Text.Json;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake.Delta;
using LogPipeline.Core.Lake.Writing;

namespace LogPipeline.Core.Lake;

/// <summary>Finds rows by what the Delta log says: statistics of the offsets name the file, the positions in the commits the version.</summary>
internal sealed class RowLineages(IEventLogs logs, LakeTables tables, ITablePositions positions) : IRowLineage
{
    /// <summary>Commits that are read for one answer. Those without a position, such as compaction's, are passed over one by one.</summary>
    private const int MostReads = 500;

    public Task<RowLineage?> FindAsync(string stream, EventPosition position, long timestampMicros, CancellationToken cancellationToken) =>
        Task.Run(() => Find(stream, position, timestampMicros, cancellationToken), cancellationToken);

    private RowLineage? Find(string stream, EventPosition position, long timestampMicros, CancellationToken cancellationToken)
    {
        if (logs.Find(stream) is not { } log || tables.Find(log.Stream.Table) is not { } table)
        {
            return null;
        }

        var snapshot = table.Snapshot();
        if (!positions.Read(log, snapshot, tables.Find(DeadLetterTable.Name)?.Snapshot()).Last.TryGetValue(position.Partition, out var last) || last < position.Offset)
        {
            return null;
        }

        var inTable = position with { Partition = LogTurns.BaseOf(snapshot, stream, log.LogId) + position.Partition };
        var stored = FindCommit(snapshot, table.LogFolder, new StreamPositions(stream, log.LogId).AppId(position.Partition), position.Offset, cancellationToken);
        return new RowLineage(snapshot.Name, inTable.Partition, snapshot.Version, FindFile(snapshot, inTable, timestampMicros), stored?.Version, stored?.At);
    }

    private static string? FindFile(TableSnapshot snapshot, EventPosition position, long timestampMicros)
    {
        var day = DateTimeOffset.UnixEpoch.AddTicks(timestampMicros * TimeSpan.TicksPerMicrosecond).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var holders = snapshot.Files
            .Where(file => file.PartitionValues.GetValueOrDefault(StreamTable.DateColumn) == day && MayHold(file.Stats, position))
            .Take(2)
            .ToList();
        return holders is [var only] ? Path.GetFileName(only.Path) : null;
    }

    /// <summary>Reads <c>{"minValues":{"event_partition":0,"event_offset":17},"maxValues":{…}}</c>.</summary>
    private static bool MayHold(string? stats, EventPosition position)
    {
        if (stats is null)
        {
            return true;
        }

        using var document = JsonDocument.Parse(stats);
        return Bound("minValues", StreamTable.OffsetColumn, long.MinValue) <= position.Offset && position.Offset <= Bound("maxValues", StreamTable.OffsetColumn, long.MaxValue)
            && Bound("minValues", StreamTable.PartitionColumn, long.MinValue) <= position.Partition && position.Partition <= Bound("maxValues", StreamTable.PartitionColumn, long.MaxValue);

        long Bound(string side, string column, long unknown) =>
            document.RootElement.TryGetProperty(side, out var values) && values.TryGetProperty(column, out var value) && value.TryGetInt64(out var number) ? number : unknown;
    }

    /// <summary>The first commit whose position reaches an offset. Positions only grow, so halving finds it.</summary>
    private static (long Version, DateTimeOffset At)? FindCommit(TableSnapshot snapshot, string logFolder, string appId, long offset, CancellationToken cancellationToken)
    {
        var first = LogListing.Read(logFolder).FirstCommit;
        if (first < 0 || !snapshot.Transactions.TryGetValue(appId, out var last) || last < offset)
        {
            return null;
        }

        // Invariant: no commit from the first one to before low reaches the offset; the first that does is at or before high.
        var (low, high) = (first, snapshot.Version);
        for (var reads = 0; low < high;)
        {
            var middle = low + ((high - low) / 2);
            long? reached = null;
            for (var version = middle; reached is null && version >= low; version--)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (++reads > MostReads)
                {
                    return null;
                }

                reached = PositionOf(logFolder, version, appId);
                high = reached >= offset ? version : high;
            }

            low = reached >= offset ? low : middle + 1;
        }

        // The oldest commit that is left may reach the offset because one that is gone did.
        return (low > first || first == 0) && PositionOf(logFolder, low, appId) >= offset
            ? (low, new DateTimeOffset(File.GetLastWriteTimeUtc(Path.Combine(logFolder, LogFile.CommitName(low))), TimeSpan.Zero))
            : null;
    }

    private static long? PositionOf(string logFolder, long version, string appId)
    {
        var path = Path.Combine(logFolder, LogFile.CommitName(version));
        return File.Exists(path) ? ActionJson.ReadFile(path).OfType<TxnAction>().FirstOrDefault(txn => txn.AppId == appId)?.Version : null;
    }
}
