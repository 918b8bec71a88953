using System.Data;
using System.Globalization;
using DuckDB.NET.Data;
using LogPipeline.Core.Query.DuckDb.Functions;

namespace LogPipeline.Core.Query.DuckDb.Engine;

/// <summary>One in-memory DuckDB that can read the lake's folder and nothing else, and whose settings cannot be changed any more.</summary>
/// <remarks>
/// Inside the allowed folder <c>COPY … TO</c> would still write, and <c>ATTACH</c> would still create files. What keeps them out
/// is that only SQL generated from a typed plan reaches a connection; these settings are the second wall.
/// </remarks>
internal sealed class DuckDbInstance : IDisposable
{
    private readonly DuckDBConnection root;

    private DuckDbInstance(DuckDBConnection root) => this.root = root;

    public static DuckDbInstance Open(string lakeRoot, QueryOptions options)
    {
        var connection = new DuckDBConnection("DataSource=:memory:");
        try
        {
            connection.Open();
            foreach (var setting in Settings(lakeRoot, options))
            {
                Execute(connection, setting);
            }

            ScalarFunctions.Register(connection);
            Execute(connection, "SET enable_external_access=false");
            Execute(connection, "SET lock_configuration=true");
            return new DuckDbInstance(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>A connection of its own for one query.</summary>
    public DuckDBConnection Connect()
    {
        var connection = root.Duplicate();
        if (connection.State != ConnectionState.Open)
        {
            connection.Open();
        }

        return connection;
    }

    public void Dispose() => root.Dispose();

    private static IEnumerable<string> Settings(string lakeRoot, QueryOptions options)
    {
        yield return "SET TimeZone='UTC'";
        yield return "SET default_null_order='nulls_first_on_asc_last_on_desc'";
        yield return "SET autoinstall_known_extensions=false";
        yield return "SET autoload_known_extensions=false";
        yield return "SET allow_community_extensions=false";
        yield return "SET parquet_metadata_cache=true";
        yield return Number("threads", options.ThreadCount, "");
        yield return Number("memory_limit", options.MemoryBytes >> 20, "MiB");
        if (options.SpillFolder is { } folder && options.SpillMb > 0)
        {
            Directory.CreateDirectory(folder);
            // DuckDB makes and removes this folder itself; two instances must not share one.
            var own = Path.Combine(Path.GetFullPath(folder), Guid.NewGuid().ToString("N"));
            yield return $"SET temp_directory={DuckDbSql.Literal(own)}";
            yield return Number("max_temp_directory_size", options.SpillMb, "MiB");
        }
        else
        {
            yield return "SET temp_directory=''";
        }

        yield return $"SET allowed_directories=[{DuckDbSql.Literal(Path.GetFullPath(lakeRoot))}]";
    }

    private static string Number(string setting, long value, string unit) =>
        string.Create(CultureInfo.InvariantCulture, $"SET {setting}='{value}{unit}'");

    private static void Execute(DuckDBConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
