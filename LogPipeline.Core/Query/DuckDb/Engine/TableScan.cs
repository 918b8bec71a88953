using System.Globalization;
using System.Text;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.DuckDb.Engine;

/// <summary>Writes the relation that holds the rows of one snapshot: its columns in order, named and typed as the table says.</summary>
/// <remarks>
/// One branch for each partition value and physical schema. Partition columns are literals of their branch, so a filter on them
/// empties whole branches while the query is planned, and no file of them is opened. The newest partitions are split further by
/// time: each branch states the range of its instants from the log's statistics, which holds for all of its rows, and a filter on
/// the time that contradicts it empties the branch as well.
/// </remarks>
internal static class TableScan
{
    private const int MaxBranches = 256;
    private const int PartsOfPartition = 8;

    /// <summary>A parenthesised SELECT.</summary>
    public static string Build(TableSnapshot snapshot, FileSchemas schemas, FileRanges ranges)
    {
        var column = FileRanges.ColumnOf(snapshot.Schema);
        var groups = snapshot.Files
            .GroupBy(file => (Partition: PartitionKey(snapshot, file), schemas[file.Path].Signature))
            .Select(group => group.Select(file => new RangedFile(file, column is null ? null : ranges.Find(file, column))).ToArray())
            .ToArray();
        var branches = Split(groups)
            .Select(files => Branch(snapshot, schemas[files[0].File.Path], files, column))
            .ToArray();
        return branches.Length == 0
            ? $"({Empty(snapshot)})"
            : $"({string.Join("\nUNION ALL ", branches)})";
    }

    /// <summary>Splits the groups with the latest rows first, until there are enough branches.</summary>
    private static List<RangedFile[]> Split(RangedFile[][] groups)
    {
        var branches = new List<RangedFile[]>();
        var left = MaxBranches - groups.Length;
        foreach (var group in groups.OrderByDescending(files => files.Max(file => file.Range?.To)))
        {
            var ranged = group.Where(file => file.Range is not null).OrderBy(file => file.Range!.Value.From).ToArray();
            var others = group.Where(file => file.Range is null).ToArray();
            if (others.Length > 0)
            {
                branches.Add(others);
            }

            if (ranged.Length > 0)
            {
                var parts = Math.Clamp(Math.Min(ranged.Length, left + 1), 1, PartsOfPartition);
                left -= parts - 1;
                branches.AddRange(ranged.Chunk((ranged.Length + parts - 1) / parts));
            }
        }

        return branches;
    }

    private readonly record struct RangedFile(DataFile File, TimeRange? Range);

    private static string PartitionKey(TableSnapshot snapshot, DataFile file) =>
        snapshot.PartitionColumns.Count == 0
            ? ""
            : string.Join('\u0001', snapshot.PartitionColumns.Select(column => PartitionValue(file, column) is { } value ? "=" + value : ""));

    private static string Branch(TableSnapshot snapshot, FileSchema schema, RangedFile[] files, string? column)
    {
        var sql = new StringBuilder("SELECT ");
        for (var index = 0; index < snapshot.Schema.Fields.Count; index++)
        {
            var field = snapshot.Schema.Fields[index];
            sql.Append(index == 0 ? "" : ", ").Append(Value(snapshot, schema, field, files[0].File)).Append(" AS ").Append(DuckDbSql.Identifier(field.Name));
        }

        return sql.Append(" FROM read_parquet([")
            .AppendJoin(", ", files.Select(file => DuckDbSql.PathLiteral(file.File.Path)))
            .Append("], hive_partitioning=false)")
            .Append(column is not null && files[0].Range is not null && schema.Columns.Contains(column) ? Range(column, files) : "")
            .ToString();
    }

    private static string Range(string column, RangedFile[] files) =>
        $" WHERE CAST({DuckDbSql.Identifier(column)} AS TIMESTAMP) BETWEEN {Instant(files.Min(file => file.Range!.Value.From))} AND {Instant(files.Max(file => file.Range!.Value.To))}";

    private static string Instant(DateTimeOffset instant) =>
        $"TIMESTAMP '{instant.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture)}'";

    private static string Value(TableSnapshot snapshot, FileSchema schema, StructField field, DataFile file)
    {
        var type = DuckDbSql.TypeName(field.Type);
        if (snapshot.PartitionColumns.Contains(field.Name, StringComparer.OrdinalIgnoreCase))
        {
            return PartitionLiteral(field, PartitionValue(file, field.Name), type);
        }

        return schema.Columns.Contains(field.Name)
            ? $"CAST({DuckDbSql.Identifier(field.Name)} AS {type})"
            : $"CAST(NULL AS {type})";
    }

    private static string Empty(TableSnapshot snapshot) =>
        "SELECT " + string.Join(", ", snapshot.Schema.Fields.Select(field =>
            $"CAST(NULL AS {DuckDbSql.TypeName(field.Type)}) AS {DuckDbSql.Identifier(field.Name)}")) + " WHERE false";

    /// <summary>Delta stores null as JSON null or as empty text.</summary>
    private static string? PartitionValue(DataFile file, string column)
    {
        foreach (var (name, value) in file.PartitionValues)
        {
            if (string.Equals(name, column, StringComparison.OrdinalIgnoreCase))
            {
                return string.IsNullOrEmpty(value) ? null : value;
            }
        }

        return null;
    }

    private static string PartitionLiteral(StructField field, string? value, string type)
    {
        if (value is null)
        {
            return $"CAST(NULL AS {type})";
        }

        if (field.Type == DataTypes.Timestamp)
        {
            var instant = DateTimeOffset.Parse(value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
            value = instant.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture);
        }

        return field.Type == DataTypes.String ? DuckDbSql.Literal(value)
            : field.Type == DataTypes.Binary ? $"encode({DuckDbSql.Literal(value)})"
            : $"CAST({DuckDbSql.Literal(value)} AS {type})";
    }
}
