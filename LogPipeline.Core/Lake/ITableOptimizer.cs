using LogPipeline.Core.Configuration;
using LogPipeline.Core.Lake.Delta;
using LogPipeline.Core.Lake.Leases;
using LogPipeline.Core.Lake.Upkeep;

namespace LogPipeline.Core.Lake;

/// <summary>Changes a table's files without changing its rows. Done by the engine that writes the tables.</summary>
public interface ITableOptimizer
{
    /// <summary>Merges every small file of a table. The process must own the data folder.</summary>
    /// <exception cref="LakeException">There is no such table, this engine cannot write it, or another process writes it.</exception>
    Task<CompactionResult> OptimizeAsync(string table, CancellationToken cancellationToken);

    /// <summary>Deletes files that no version within the retention names. The process must own the data folder.</summary>
    /// <param name="table">The table.</param>
    /// <param name="retention">How long files are kept; null for the table's own retention.</param>
    /// <param name="dryRun">Only says what would be deleted.</param>
    /// <param name="force">Allows a retention below the table's own: readers of earlier versions will fail.</param>
    /// <param name="cancellationToken">Stops between two files.</param>
    /// <exception cref="LakeException">There is no such table, this engine cannot write it, another process writes it, or the retention is too short.</exception>
    Task<VacuumResult> VacuumAsync(string table, TimeSpan? retention, bool dryRun, bool force, CancellationToken cancellationToken);
}

/// <summary>The embedded engine's own.</summary>
internal sealed class EmbeddedOptimizer(LakeTables tables, LakeUpkeep upkeep) : ITableOptimizer
{
    /// <inheritdoc/>
    public Task<CompactionResult> OptimizeAsync(string table, CancellationToken cancellationToken) =>
        Task.Run(() => Change(table, found => upkeep.Of(found).Optimize(cancellationToken)), cancellationToken);

    /// <inheritdoc/>
    public Task<VacuumResult> VacuumAsync(string table, TimeSpan? retention, bool dryRun, bool force, CancellationToken cancellationToken) =>
        Task.Run(() => Change(table, found => upkeep.Of(found).Vacuum(retention, dryRun, force, cancellationToken)), cancellationToken);

    private T Change<T>(string table, Func<DeltaTable, T> change)
    {
        var found = tables.Get(table);
        switch (tables.Leases.TryAcquire(found.Name, EngineKind.Embedded))
        {
            case LeaseOutcome.Held(var lease):
                using (lease)
                {
                    return change(found);
                }

            case LeaseOutcome.Busy(var holder):
                throw new LakeException($"Table '{found.Name}' is written by {holder}; run this on that host, or stop it first");
            default:
                throw new InvalidOperationException("There is no other outcome");
        }
    }
}
