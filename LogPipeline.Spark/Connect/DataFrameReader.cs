using LogPipeline.Spark.Connect.Protocol;
using ReadRelation = LogPipeline.Spark.Connect.Protocol.Read;

namespace LogPipeline.Spark.Connect;

/// <summary>Describes what to read: <c>session.Read.Format("delta").Load(path)</c>.</summary>
public sealed class DataFrameReader
{
    private readonly SparkSession _session;
    private readonly ReadSource _source = new();

    internal DataFrameReader(SparkSession session) => _session = session;

    /// <summary>The format: delta, parquet, json, csv…</summary>
    public DataFrameReader Format(string format)
    {
        _source.Format = format;
        return this;
    }

    /// <summary>An option of the format.</summary>
    public DataFrameReader Option(string key, string value)
    {
        _source.Options[key] = value;
        return this;
    }

    /// <summary>The columns as DDL, such as <c>"id bigint, name string"</c>, for formats that do not know theirs.</summary>
    public DataFrameReader Schema(string ddl)
    {
        _source.Schema = ddl;
        return this;
    }

    /// <summary>Files or folders in the format.</summary>
    public DataFrame Load(params IEnumerable<string> paths) => new(_session, _source.Load(paths, isStreaming: false));

    /// <summary>A table or view.</summary>
    public DataFrame Table(string name) => new(_session, _source.Table(name, isStreaming: false));
}

/// <summary>Describes a stream to read: <c>session.ReadStream.Format("kafka").Option(…).Load()</c>.</summary>
public sealed class DataStreamReader
{
    private readonly SparkSession _session;
    private readonly ReadSource _source = new();

    internal DataStreamReader(SparkSession session) => _session = session;

    /// <summary>The source: kafka, delta, rate, json…</summary>
    public DataStreamReader Format(string format)
    {
        _source.Format = format;
        return this;
    }

    /// <summary>An option of the source.</summary>
    public DataStreamReader Option(string key, string value)
    {
        _source.Options[key] = value;
        return this;
    }

    /// <summary>The columns as DDL, for sources that do not know theirs.</summary>
    public DataStreamReader Schema(string ddl)
    {
        _source.Schema = ddl;
        return this;
    }

    /// <summary>The source, at a path if it has one.</summary>
    public DataFrame Load(string? path = null) => new(_session, _source.Load(path is null ? [] : [path], isStreaming: true));

    /// <summary>A table that is read as a stream.</summary>
    public DataFrame Table(string name) => new(_session, _source.Table(name, isStreaming: true));
}

/// <summary>What both readers gather.</summary>
internal sealed class ReadSource
{
    /// <summary>The format, or null for the session's default.</summary>
    public string? Format { get; set; }

    /// <summary>The columns as DDL, if they are given.</summary>
    public string? Schema { get; set; }

    /// <summary>Options of the format.</summary>
    public Dictionary<string, string> Options { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads paths.</summary>
    public Relation Load(IEnumerable<string> paths, bool isStreaming)
    {
        var source = new ReadRelation.Types.DataSource();
        if (Format is not null)
        {
            source.Format = Format;
        }

        if (Schema is not null)
        {
            source.Schema = Schema;
        }

        source.Options.Add(Options);
        source.Paths.AddRange(paths);
        return new Relation { Read = new ReadRelation { DataSource = source, IsStreaming = isStreaming } };
    }

    /// <summary>Reads a table.</summary>
    public Relation Table(string name, bool isStreaming)
    {
        var table = new ReadRelation.Types.NamedTable { UnparsedIdentifier = name };
        table.Options.Add(Options);
        return new Relation { Read = new ReadRelation { NamedTable = table, IsStreaming = isStreaming } };
    }
}
