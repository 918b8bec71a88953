using LogPipeline.Core.Configuration;
using LogPipeline.Core.Lake.Delta;
using LogPipeline.Core.Lake.Leases;
using LogPipeline.Core.Lake.Upkeep;

namespace LogPipeline.Core.Lake;

/// <summary>What <c>lake describe</c> shows of a table.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Id">Its identity, a GUID.</param>
/// <param name="Location">Its folder.</param>
/// <param name="Version">Delta version.</param>
/// <param name="CreatedAt">When it was made, where its log says so.</param>
/// <param name="CommittedAt">When that version was committed.</param>
/// <param name="Protocol">Reader and writer version, such as <c>(1, 2)</c>, and features.</param>
/// <param name="PartitionColumns">Columns that partition it.</param>
/// <param name="Files">Live files.</param>
/// <param name="SizeBytes">Bytes of live files.</param>
/// <param name="Rows">Rows; null when a file has no statistics.</param>
/// <param name="DeletedFiles">Files kept for readers of earlier versions.</param>
/// <param name="Properties">Table properties.</param>
/// <param name="Positions">How far each application has written.</param>
/// <param name="Columns">Name and type of each column.</param>
public sealed record TableDescription(
    string Name,
    string Id,
    string Location,
    long Version,
    DateTimeOffset? CreatedAt,
    DateTimeOffset CommittedAt,
    string Protocol,
    IReadOnlyList<string> PartitionColumns,
    int Files,
    long SizeBytes,
    long? Rows,
    int DeletedFiles,
    IReadOnlyDictionary<string, string?> Properties,
    IReadOnlyDictionary<string, long> Positions,
    IReadOnlyList<KeyValuePair<string, string>> Columns);

/// <summary>One version of a table.</summary>
/// <param name="Version">Delta version.</param>
/// <param name="At">When it was committed.</param>
/// <param name="Operation">Such as <c>WRITE</c> or <c>OPTIMIZE</c>.</param>
/// <param name="Parameters">How it was asked for.</param>
/// <param name="Metrics">What it did.</param>
/// <param name="Engine">Who did it.</param>
public sealed record TableCommit(
    long Version,
    DateTimeOffset At,
    string Operation,
    IReadOnlyDictionary<string, string?> Parameters,
    IReadOnlyDictionary<string, string?> Metrics,
    string? Engine);

/// <summary>What a vacuum deleted, or would delete.</summary>
/// <param name="Files">Paths.</param>
/// <param name="SizeBytes">Their bytes.</param>
/// <param name="DryRun">Whether they are still there.</param>
public sealed record VacuumResult(IReadOnlyList<string> Files, long SizeBytes, bool DryRun);

/// <summary>What a person can ask of a table's upkeep.</summary>
public sealed class LakeMaintenance
{
    private readonly LakeTables tables;
    private readonly LakeUpkeep upkeep;
    private readonly IReadOnlySet<string> writtenBySpark;

    /// <param name="tables">The tables.</param>
    /// <param name="upkeep">Their upkeep.</param>
    /// <param name="writtenBySpark">Tables that Spark writes: on a file system Delta's commits in Spark are safe only against those of the same process.</param>
    internal LakeMaintenance(LakeTables tables, LakeUpkeep upkeep, IReadOnlySet<string>? writtenBySpark = null)
    {
        this.tables = tables;
        this.upkeep = upkeep;
        this.writtenBySpark = writtenBySpark ?? new HashSet<string>();
    }

    /// <summary>What <see cref="OptimizeAsync"/> would do now; changes nothing.</summary>
    /// <exception cref="LakeException">There is no such table, or this writer cannot write it.</exception>
    public Task<CompactionPlan> PlanOptimizeAsync(string table, CancellationToken cancellationToken) =>
        Task.Run(() => upkeep.Of(tables.Get(table)).PlanOptimize(), cancellationToken);

    /// <summary>Merges every small file of a table. The process must own the data folder.</summary>
    /// <exception cref="LakeException">There is no such table, this writer cannot write it, or Spark or another process writes it.</exception>
    public Task<CompactionResult> OptimizeAsync(string table, CancellationToken cancellationToken) =>
        Task.Run(() => Change(FindOwn(table), found => upkeep.Of(found).Optimize(cancellationToken)), cancellationToken);

    /// <summary>Deletes files that no version within the retention names. The process must own the data folder.</summary>
    /// <param name="table">The table.</param>
    /// <param name="retention">How long files are kept; null for the table's own retention.</param>
    /// <param name="dryRun">Only says what would be deleted.</param>
    /// <param name="force">Allows a retention below the table's own: readers of earlier versions will fail.</param>
    /// <param name="cancellationToken">Stops between two files.</param>
    /// <exception cref="LakeException">There is no such table, this writer cannot write it, another process writes it, or the retention is too short.</exception>
    public Task<VacuumResult> VacuumAsync(string table, TimeSpan? retention, bool dryRun, bool force, CancellationToken cancellationToken) =>
        Task.Run(() => Change(tables.Get(table), found => upkeep.Of(found).Vacuum(retention, dryRun, force, cancellationToken)), cancellationToken);

    /// <summary>What a table is.</summary>
    /// <exception cref="LakeException">There is no such table, or it cannot be read.</exception>
    public Task<TableDescription> DescribeAsync(string table, CancellationToken cancellationToken) =>
        Task.Run(() => Describe(tables.Get(table)), cancellationToken);

    /// <summary>The latest versions of a table, newest first.</summary>
    /// <exception cref="LakeException">There is no such table, or it cannot be read.</exception>
    public Task<IReadOnlyList<TableCommit>> HistoryAsync(string table, int limit, CancellationToken cancellationToken) =>
        Task.Run<IReadOnlyList<TableCommit>>(() => History(tables.Get(table), limit, cancellationToken), cancellationToken);

    private DeltaTable FindOwn(string table) => tables.Get(table) is var found && writtenBySpark.Contains(found.Name)
        ? throw new LakeException($"Table '{table}' is written by Spark, which merges its small files itself; set LogPipeline:Engine to Embedded to merge them here")
        : found;

    private T Change<T>(DeltaTable table, Func<DeltaTable, T> change)
    {
        switch (tables.Leases.TryAcquire(table.Name, EngineKind.Embedded))
        {
            case LeaseOutcome.Held(var lease):
                using (lease)
                {
                    return change(table);
                }

            case LeaseOutcome.Busy(var holder):
                throw new LakeException($"Table '{table.Name}' is written by {holder}; run this on that host, or stop it first");
            default:
                throw new InvalidOperationException("There is no other outcome");
        }
    }

    private static TableDescription Describe(DeltaTable table)
    {
        var snapshot = table.Snapshot();
        return table.Read(state =>
        {
            var protocol = state.Protocol!;
            var features = (protocol.ReaderFeatures ?? []).Concat(protocol.WriterFeatures ?? []).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
            return new TableDescription(
                table.Name,
                state.Metadata!.Id,
                table.Root,
                snapshot.Version,
                state.Metadata.CreatedTime is { } created ? DateTimeOffset.FromUnixTimeMilliseconds(created) : null,
                snapshot.CommittedAt,
                string.Join(' ', (string[])[$"({protocol.MinReaderVersion}, {protocol.MinWriterVersion})", .. features]),
                state.Metadata.PartitionColumns,
                snapshot.Files.Count,
                snapshot.SizeBytes,
                snapshot.RowCount,
                state.TombstoneCount,
                state.Metadata.Configuration,
                state.Txns.ToDictionary(txn => txn.AppId, txn => txn.Version, StringComparer.Ordinal),
                [.. snapshot.Schema.Fields.Select(field => new KeyValuePair<string, string>(field.Name, field.Type.SimpleString))]);
        });
    }

    private static List<TableCommit> History(DeltaTable table, int limit, CancellationToken cancellationToken)
    {
        var commits = new List<TableCommit>();
        var latest = table.Read(state => state.Version);
        for (var version = latest; version >= 0 && commits.Count < limit; version--)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var path = Path.Combine(table.LogFolder, LogFile.CommitName(version));
            if (!File.Exists(path))
            {
                break;
            }

            var info = ActionJson.ReadFile(path).OfType<CommitInfoAction>().FirstOrDefault() ?? new CommitInfoAction(0, "");
            commits.Add(new TableCommit(
                version,
                info.InCommitTimestamp is { } millis ? DateTimeOffset.FromUnixTimeMilliseconds(millis) : new DateTimeOffset(File.GetLastWriteTimeUtc(path), TimeSpan.Zero),
                info.Operation,
                info.OperationParameters,
                info.OperationMetrics,
                info.EngineInfo));
        }

        return commits;
    }
}
