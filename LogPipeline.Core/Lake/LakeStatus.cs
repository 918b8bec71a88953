using LogPipeline.Core.Lake.Delta;
using LogPipeline.Core.Lake.Upkeep;
using Microsoft.Extensions.Options;

namespace LogPipeline.Core.Lake;

/// <summary>Figures of one table for the health page.</summary>
/// <param name="Table">Its name.</param>
/// <param name="Version">Delta version.</param>
/// <param name="CommittedAt">When that version was committed.</param>
/// <param name="Age">Time since then.</param>
/// <param name="Files">Live files.</param>
/// <param name="SmallFiles">Live files that compaction would merge.</param>
/// <param name="SizeBytes">Bytes of live files.</param>
/// <param name="Rows">Rows; null when a file has no statistics.</param>
/// <param name="RecentRows">Rows of the last 60 appends, oldest first.</param>
/// <param name="CommitP99Ms">What 99 of the last 100 commits took at most, in milliseconds; null before the first.</param>
/// <param name="CheckpointVersion">Version of the latest checkpoint; -1 for none.</param>
public sealed record LakeTableStatus(
    string Table,
    long Version,
    DateTimeOffset CommittedAt,
    TimeSpan Age,
    int Files,
    int SmallFiles,
    long SizeBytes,
    long? Rows,
    IReadOnlyList<long> RecentRows,
    double? CommitP99Ms,
    long CheckpointVersion);

/// <summary>The lake at this moment, for the health page.</summary>
public sealed class LakeStatus
{
    private readonly LakeTables tables;
    private readonly LakeUpkeep upkeep;
    private readonly LakeOptions options;
    private readonly TimeProvider time;

    internal LakeStatus(LakeTables tables, LakeUpkeep upkeep, IOptions<LakeOptions> options, TimeProvider time)
    {
        this.tables = tables;
        this.upkeep = upkeep;
        this.options = options.Value;
        this.time = time;
    }

    /// <summary>Oldest version whose commit is still in the table's log; null when there is no such table. Lists a folder: not for every tick.</summary>
    /// <exception cref="LakeException">The table cannot be read.</exception>
    /// <exception cref="IOException">The volume failed.</exception>
    public long? FirstVersion(string table) =>
        tables.Find(table) is { } found && LogListing.Read(found.LogFolder).FirstCommit is >= 0 and var first ? first : null;

    /// <summary>Figures of a table; null when there is no such table.</summary>
    /// <exception cref="LakeException">The table cannot be read.</exception>
    public LakeTableStatus? Read(string table)
    {
        if (tables.Find(table) is not { } found)
        {
            return null;
        }

        var snapshot = found.Snapshot();
        return new LakeTableStatus(
            found.Name,
            snapshot.Version,
            snapshot.CommittedAt,
            time.GetUtcNow() - snapshot.CommittedAt,
            snapshot.Files.Count,
            snapshot.Files.Count(file => Compaction.IsSmall(file.SizeBytes, options)),
            snapshot.SizeBytes,
            snapshot.RowCount,
            found.Recent.Rows(),
            found.Recent.CommitP99(),
            upkeep.Of(found).CheckpointVersion);
    }
}
