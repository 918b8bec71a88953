using LogPipeline.Core.Types;

namespace LogPipeline.Core.Lake;

/// <summary>One version of a table: the files that hold its rows. Immutable.</summary>
/// <param name="Name">Name within schema <c>delta_lake</c>.</param>
/// <param name="Root">Absolute path of the table's folder.</param>
/// <param name="Version">Delta version, from 0.</param>
/// <param name="CommittedAt">When that version was committed.</param>
/// <param name="Schema">Columns in order, partition columns among them.</param>
/// <param name="PartitionColumns">Columns whose values are in the log and not in the files.</param>
/// <param name="Files">Live data files.</param>
public sealed record TableSnapshot(
    string Name,
    string Root,
    long Version,
    DateTimeOffset CommittedAt,
    StructType Schema,
    IReadOnlyList<string> PartitionColumns,
    IReadOnlyList<DataFile> Files)
{
    /// <summary>Rows by the files' statistics; null when a file has none.</summary>
    public long? RowCount { get; init; }

    /// <summary>Bytes of all live files.</summary>
    public long SizeBytes { get; init; }

    /// <summary>How far each application has written: the latest version that it committed, by application id.</summary>
    public IReadOnlyDictionary<string, long> Transactions { get; init; } = new Dictionary<string, long>();
}

/// <summary>One live Parquet file of a table.</summary>
/// <param name="Path">Absolute path.</param>
/// <param name="SizeBytes">Size.</param>
/// <param name="ModifiedAt">Modification time from the log.</param>
/// <param name="PartitionValues">Partition values as the Delta log writes them; null for null.</param>
/// <param name="Stats">Statistics as the Delta log's JSON, or null.</param>
public sealed record DataFile(
    string Path,
    long SizeBytes,
    DateTimeOffset ModifiedAt,
    IReadOnlyDictionary<string, string?> PartitionValues,
    string? Stats)
{
    /// <summary>Rows by the statistics, or null.</summary>
    public long? Rows { get; init; }
}

/// <summary>The tables that queries can name.</summary>
public interface ITableCatalog
{
    /// <summary>Names of the tables of schema <c>delta_lake</c>, sorted.</summary>
    IReadOnlyList<string> Tables { get; }

    /// <summary>Absolute path of the folder that holds every table.</summary>
    string Root { get; }

    /// <summary>The latest version of a table, or null when there is no such table. Names are compared without regard to case. Cheap when nothing changed.</summary>
    ValueTask<TableSnapshot?> FindAsync(string table, CancellationToken cancellationToken);

    /// <summary>An earlier version of a table.</summary>
    /// <exception cref="LakeException">That version cannot be read any more, or never was.</exception>
    ValueTask<TableSnapshot> ReadVersionAsync(string table, long version, CancellationToken cancellationToken);
}
