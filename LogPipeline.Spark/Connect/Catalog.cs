using Apache.Arrow;

namespace LogPipeline.Spark.Connect;

/// <summary>The databases and tables that a session sees. Names may have parts, as in <c>delta_lake.logs</c>.</summary>
public sealed class Catalog
{
    private readonly SparkSession _session;

    internal Catalog(SparkSession session) => _session = session;

    /// <summary>The database of names without one.</summary>
    public async Task<string> CurrentDatabaseAsync(CancellationToken cancellationToken = default)
    {
        var rows = await RowsAsync("SELECT current_database()", cancellationToken);
        return rows[0][0];
    }

    /// <summary>Makes a database that of names without one.</summary>
    public Task SetCurrentDatabaseAsync(string name, CancellationToken cancellationToken = default) =>
        _session.SqlAsync($"USE {Name(name)}", cancellationToken: cancellationToken);

    /// <summary>Makes a database, unless it exists.</summary>
    public Task CreateDatabaseAsync(string name, CancellationToken cancellationToken = default) =>
        _session.SqlAsync($"CREATE DATABASE IF NOT EXISTS {Name(name)}", cancellationToken: cancellationToken);

    /// <summary>The tables and views of a database, or of the current one, and the session's temporary views.</summary>
    public async Task<IReadOnlyList<CatalogTable>> ListTablesAsync(string? database = null, CancellationToken cancellationToken = default)
    {
        var rows = await RowsAsync(database is null ? "SHOW TABLES" : $"SHOW TABLES IN {Name(database)}", cancellationToken);
        return [.. rows.Select(row => new CatalogTable(row[0], row[1], row[2] == "true"))];
    }

    /// <summary>Whether there is a table or view of a name.</summary>
    public async Task<bool> TableExistsAsync(string name, CancellationToken cancellationToken = default)
    {
        try
        {
            await _session.Table(name).SchemaAsync(cancellationToken);
            return true;
        }
        catch (SparkException missing) when (missing.ErrorClass is "TABLE_OR_VIEW_NOT_FOUND" or "SCHEMA_NOT_FOUND")
        {
            return false;
        }
    }

    /// <summary>Gives the data at a path a name, unless the name is taken; a table that is not there yet is made if its columns are given.</summary>
    /// <param name="name">The name.</param>
    /// <param name="path">Where the data is.</param>
    /// <param name="source">Its format.</param>
    /// <param name="schema">Its columns as DDL, for data that does not know them.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task CreateTableAsync(string name, string path, string source = "delta", string? schema = null, CancellationToken cancellationToken = default) =>
        _session.SqlAsync(
            $"CREATE TABLE IF NOT EXISTS {Name(name)} {(schema is null ? "" : $"({schema}) ")}USING {source} LOCATION {SqlLiteral.Of(path)}",
            cancellationToken: cancellationToken);

    /// <summary>Takes the name of a table away. Data at a path of its own stays.</summary>
    public Task DropTableAsync(string name, CancellationToken cancellationToken = default) =>
        _session.SqlAsync($"DROP TABLE IF EXISTS {Name(name)}", cancellationToken: cancellationToken);

    /// <summary>Drops a temporary view.</summary>
    public Task DropTempViewAsync(string name, CancellationToken cancellationToken = default) =>
        _session.SqlAsync($"DROP VIEW IF EXISTS {Name(name)}", cancellationToken: cancellationToken);

    private static string Name(string name) => $"IDENTIFIER({SqlLiteral.Of(name)})";

    private async Task<List<string[]>> RowsAsync(string sql, CancellationToken cancellationToken)
    {
        var rows = new List<string[]>();
        await foreach (var batch in (await _session.SqlAsync(sql, cancellationToken: cancellationToken)).CollectAsync(cancellationToken: cancellationToken))
        {
            for (var row = 0; row < batch.Length; row++)
            {
                rows.Add([.. batch.Arrays.Select(column => Text(column, row))]);
            }
        }

        return rows;
    }

    private static string Text(IArrowArray column, int row) => column switch
    {
        StringArray text => text.GetString(row),
        BooleanArray flag => flag.GetValue(row) == true ? "true" : "false",
        _ => "",
    };
}

/// <summary>A table or view.</summary>
/// <param name="Database">Its database; empty for a temporary view.</param>
/// <param name="Name">Its name.</param>
/// <param name="IsTemporary">Whether it is a temporary view of the session.</param>
public sealed record CatalogTable(string Database, string Name, bool IsTemporary);
