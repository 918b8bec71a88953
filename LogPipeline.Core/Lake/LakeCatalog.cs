using LogPipeline.Core.Lake.Delta;

namespace LogPipeline.Core.Lake;

/// <summary>The tables of the lake's folder, those made by others included.</summary>
internal sealed class LakeCatalog(LakeTables tables) : ITableCatalog
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Tables => tables.Names();

    /// <inheritdoc/>
    public string Root => tables.Root;

    /// <inheritdoc/>
    public ValueTask<TableSnapshot?> FindAsync(string table, CancellationToken cancellationToken) =>
        new(Task.Run(() => tables.Find(table)?.Snapshot(), cancellationToken));

    /// <inheritdoc/>
    public ValueTask<TableSnapshot> ReadVersionAsync(string table, long version, CancellationToken cancellationToken) =>
        new(Task.Run(() => ReadVersion(table, version), cancellationToken));

    private TableSnapshot ReadVersion(string name, long version)
    {
        var table = tables.Find(name) ?? throw new LakeException($"There is no table '{name}'");
        var state = LogReader.Load(table.Name, table.Root, version) ?? throw new LakeException($"There is no table '{name}'");
        var snapshot = DeltaTable.MakeSnapshot(table.Name, table.Root, state);
        return snapshot.Files.FirstOrDefault(file => !File.Exists(file.Path)) is { } gone
            ? throw new LakeException($"Version {version} of table '{name}' cannot be read any more: {Path.GetFileName(gone.Path)} was deleted after its retention")
            : snapshot;
    }
}
