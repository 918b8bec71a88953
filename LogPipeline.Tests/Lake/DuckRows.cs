using System.Globalization;
using System.Text;
using DuckDB.NET.Data;
using LogPipeline.Core.Lake;

namespace LogPipeline.Tests.Lake;

/// <summary>Reads what stands in a table with DuckDB's plain Parquet reader, over the files that our snapshot names.</summary>
internal static class DuckRows
{
    /// <summary>Rows of a query in which <c>{t}</c> stands for the table; values as invariant text, null as <c>NULL</c>.</summary>
    public static List<string> Query(TableSnapshot snapshot, string sql)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        Execute(connection, "SET TimeZone='UTC'");
        return Run(connection, sql.Replace("{t}", From(snapshot), StringComparison.Ordinal));
    }

    /// <summary>The single value of a query.</summary>
    public static string Value(TableSnapshot snapshot, string sql) => Query(snapshot, sql)[0];

    /// <summary>Offsets that are not there exactly once, of those from 0 to one before <paramref name="end"/>.</summary>
    public static string Damage(TableSnapshot snapshot, long end) => Value(
        snapshot,
        string.Create(CultureInfo.InvariantCulture, $"SELECT count(*) - {end}, count(DISTINCT event_offset) - {end}, coalesce(max(event_offset) - {end - 1}, 0) FROM {{t}}"));

    public static List<string> Run(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
        {
            var row = new StringBuilder();
            for (var column = 0; column < reader.FieldCount; column++)
            {
                row.Append(column == 0 ? "" : "|").Append(Text(reader.IsDBNull(column) ? null : reader.GetValue(column)));
            }

            rows.Add(row.ToString());
        }

        return rows;
    }

    public static void Execute(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>A table expression with the partition columns from the log.</summary>
    public static string From(TableSnapshot snapshot)
    {
        if (snapshot.Files.Count == 0)
        {
            return $"(SELECT {string.Join(", ", snapshot.Schema.Fields.Select(field => $"NULL AS \"{field.Name}\""))} WHERE false)";
        }

        var values = string.Join(", ", snapshot.Files.Select(file =>
            $"({Quote(file.Path)}{string.Concat(snapshot.PartitionColumns.Select(column => ", " + Quote(file.PartitionValues.GetValueOrDefault(column))))})"));
        var names = string.Concat(snapshot.PartitionColumns.Select(column => $", \"{column}\""));

        // Some writers leave the partition columns in the file; the log's values are the ones that count.
        var own = string.Concat(snapshot.PartitionColumns.Select(column => $" AND c <> {Quote(column)}"));
        var paths = string.Join(", ", snapshot.Files.Select(file => Quote(file.Path)));
        return $"(SELECT * EXCLUDE (filename, p_file) FROM (SELECT COLUMNS(c -> true{own}) FROM read_parquet([{paths}], filename=true, hive_partitioning=false, union_by_name=true)) d JOIN (VALUES {values}) p(p_file{names}) ON d.filename = p.p_file)";
    }

    private static string Quote(string? text) => text is null ? "NULL" : "'" + text.Replace("'", "''", StringComparison.Ordinal) + "'";

    private static string Text(object? value) => value switch
    {
        null => "NULL",
        DateTime instant => instant.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture),
        IFormattable formattable => formattable.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
