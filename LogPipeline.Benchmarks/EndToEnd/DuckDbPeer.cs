using System.Globalization;
using DuckDB.NET.Data;

namespace LogPipeline.Benchmarks.EndToEnd;

/// <summary>The peer of the import: DuckDB reading JSON lines and writing Parquet, in a process of its own.</summary>
internal static class DuckDbPeer
{
    /// <summary>First argument that makes this program the peer.</summary>
    public const string Verb = "peer-duckdb";

    /// <summary>Copies a JSON lines file into a zstd Parquet file.</summary>
    public static int Run(IReadOnlyList<string> arguments)
    {
        Execute($"COPY (SELECT * FROM read_json('{arguments[0]}', format = 'newline_delimited')) TO '{arguments[1]}' (FORMAT parquet, COMPRESSION zstd)");
        return 0;
    }

    /// <summary>The version of DuckDB.</summary>
    public static string Version => (string)Scalar("SELECT version()");

    /// <summary>One line that is equal for equal contents: count, addresses, sum of status, sum of bytes.</summary>
    public static string Summary(string parquetGlob)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT count(*)::VARCHAR || ' ' || count(DISTINCT ip) || ' ' || sum(status) || ' ' || sum(bytes) FROM read_parquet('{parquetGlob}')";
        return Convert.ToString(command.ExecuteScalar(), CultureInfo.InvariantCulture)!;
    }

    private static void Execute(string sql)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static object Scalar(string sql)
    {
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar()!;
    }
}
