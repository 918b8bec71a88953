using LogPipeline.Spark.Connect.Protocol;

namespace LogPipeline.Spark.Connect;

/// <summary>Describes where rows go, and writes them: <c>frame.Write.Format("delta").Mode(SaveMode.Append).SaveAsync(path)</c>.</summary>
public sealed class DataFrameWriter
{
    private readonly DataFrame _frame;
    private readonly WriteOperation _write;

    internal DataFrameWriter(DataFrame frame)
    {
        _frame = frame;
        _write = new WriteOperation { Input = frame.Relation, Mode = WriteOperation.Types.SaveMode.ErrorIfExists };
    }

    /// <summary>The format: delta, parquet, json, csv…</summary>
    public DataFrameWriter Format(string format)
    {
        _write.Source = format;
        return this;
    }

    /// <summary>An option of the format.</summary>
    public DataFrameWriter Option(string key, string value)
    {
        _write.Options[key] = value;
        return this;
    }

    /// <summary>What to do when there is data already; an error unless said.</summary>
    public DataFrameWriter Mode(SaveMode mode)
    {
        _write.Mode = mode switch
        {
            SaveMode.Append => WriteOperation.Types.SaveMode.Append,
            SaveMode.Overwrite => WriteOperation.Types.SaveMode.Overwrite,
            SaveMode.Ignore => WriteOperation.Types.SaveMode.Ignore,
            _ => WriteOperation.Types.SaveMode.ErrorIfExists,
        };
        return this;
    }

    /// <summary>Columns that make the folders of the table.</summary>
    public DataFrameWriter PartitionBy(params IEnumerable<string> columns)
    {
        _write.PartitioningColumns.Clear();
        _write.PartitioningColumns.AddRange(columns);
        return this;
    }

    /// <summary>Writes to a path.</summary>
    /// <exception cref="SparkException">The query or the write failed.</exception>
    public Task SaveAsync(string path, ExecuteOptions? options = null, CancellationToken cancellationToken = default)
    {
        _write.Path = path;
        return RunAsync(options, cancellationToken);
    }

    /// <summary>Writes to a table of the catalog, made if it is missing; columns are matched by name.</summary>
    /// <exception cref="SparkException">The query or the write failed.</exception>
    public Task SaveAsTableAsync(string name, ExecuteOptions? options = null, CancellationToken cancellationToken = default) =>
        ToTableAsync(name, WriteOperation.Types.SaveTable.Types.TableSaveMethod.SaveAsTable, options, cancellationToken);

    /// <summary>Writes to a table that exists; columns are matched by place.</summary>
    /// <exception cref="SparkException">The query or the write failed.</exception>
    public Task InsertIntoAsync(string name, ExecuteOptions? options = null, CancellationToken cancellationToken = default)
    {
        if (_write.Mode == WriteOperation.Types.SaveMode.ErrorIfExists)
        {
            _write.Mode = WriteOperation.Types.SaveMode.Append;
        }

        return ToTableAsync(name, WriteOperation.Types.SaveTable.Types.TableSaveMethod.InsertInto, options, cancellationToken);
    }

    private Task ToTableAsync(string name, WriteOperation.Types.SaveTable.Types.TableSaveMethod method, ExecuteOptions? options, CancellationToken cancellationToken)
    {
        _write.Table = new WriteOperation.Types.SaveTable { TableName = name, SaveMethod = method };
        return RunAsync(options, cancellationToken);
    }

    private async Task RunAsync(ExecuteOptions? options, CancellationToken cancellationToken) =>
        await _frame.Session.RunCommandAsync<object>(new Command { WriteOperation = _write.Clone() }, _ => null, options, cancellationToken);
}

/// <summary>What a write does when there is data already.</summary>
public enum SaveMode
{
    /// <summary>Fails.</summary>
    ErrorIfExists,

    /// <summary>Adds its rows.</summary>
    Append,

    /// <summary>Replaces what is there.</summary>
    Overwrite,

    /// <summary>Writes nothing.</summary>
    Ignore,
}
