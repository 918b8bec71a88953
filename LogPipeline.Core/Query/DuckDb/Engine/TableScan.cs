using System.Globalization;
using System.Text;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.DuckDb.Engine;

/// <summary>Writes the relation that holds the rows of one snapshot: its columns in order, named and typed as the table says.</summary>
/// <remarks>
/// One branch for each partition value and physical schema. Partition columns are literals of their branch, so a filter on them
/// empties whole branches while the query is planned, and no file of them is opened.
/// </remarks>
internal static class TableScan
{
    /// <summary>A parenthesised SELECT.</summary>
    public static string Build(TableSnapshot snapshot, FileSchemas schemas)
    {
        var branches = snapshot.Files
            .GroupBy(file => (Partition: PartitionKey(snapshot, file), schemas[file.Path].Signature))
            .Select(group => Branch(snapshot, schemas[group.First().Path], [.. group]))
            .ToArray();
        return branches.Length == 0
            ? $"({Empty(snapshot)})"
            : $"({string.Join("\nUNION ALL ", branches)})";
    }

    private static string PartitionKey(TableSnapshot snapshot, DataFile file) =>
        snapshot.PartitionColumns.Count == 0
            ? ""
            : string.Join('\u0001', snapshot.PartitionColumns.Select(column => PartitionValue(file, column) is { } value ? "=" + value : ""));

    private static string Branch(TableSnapshot snapshot, FileSchema schema, IReadOnlyList<DataFile> files)
    {
        var sql = new StringBuilder("SELECT ");
        for (var index = 0; index < snapshot.Schema.Fields.Count; index++)
        {
            var field = snapshot.Schema.Fields[index];
            sql.Append(index == 0 ? "" : ", ").Append(Value(snapshot, schema, field, files[0])).Append(" AS ").Append(DuckDbSql.Identifier(field.Name));
        }

        return sql.Append(" FROM read_parquet([")
            .AppendJoin(", ", files.Select(file => DuckDbSql.PathLiteral(file.Path)))
            .Append("], hive_partitioning=false)")
            .ToString();
    }

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
