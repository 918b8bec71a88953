using DuckDB.NET.Data;
using LogPipeline.Core.Query;
using LogPipeline.Core.Query.DuckDb.Engine;

namespace LogPipeline.Tests.Query.DuckDb;

/// <summary>A locked instance over an empty lake, and what single expressions give on it.</summary>
public sealed class DuckDbSession : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("logpipeline-duckdb-").FullName;
    private readonly DuckDbInstance instance;
    private readonly DuckDBConnection connection;

    public DuckDbSession()
    {
        Options = new QueryOptions { MemoryMb = 512, Threads = 2, SpillMb = 64, SpillFolder = Path.Combine(folder, "spill") };
        LakeRoot = Directory.CreateDirectory(Path.Combine(folder, "lake")).FullName;
        instance = DuckDbInstance.Open(LakeRoot, Options);
        connection = instance.Connect();
    }

    public QueryOptions Options { get; }

    public string LakeRoot { get; }

    internal DuckDbInstance Instance => instance;

    /// <summary>The first value of a statement; null for NULL. An error is thrown as the engine would throw it.</summary>
    public object? Value(string expression)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT " + expression;
        try
        {
            using var reader = command.ExecuteReader();
            return reader.Read() && !reader.IsDBNull(0) ? reader.GetValue(0) : null;
        }
        catch (DuckDBException failure)
        {
            throw RuntimeErrors.Translate(failure, Options);
        }
    }

    public string? Text(string expression) => Value(expression) as string;

    public string? ErrorClass(string expression)
    {
        try
        {
            _ = Value(expression);
            return null;
        }
        catch (QueryException failure)
        {
            return failure.ErrorClass;
        }
    }

    public void Dispose()
    {
        connection.Dispose();
        instance.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
