using System.Globalization;
using LogPipeline.Spark.Connect.Protocol;

namespace LogPipeline.Spark.Connect;

/// <summary>Describes where a stream goes, and starts it: <c>frame.WriteStream.Format("delta").Option("checkpointLocation", …).StartAsync(path)</c>.</summary>
public sealed class DataStreamWriter
{
    private readonly DataFrame _frame;
    private readonly WriteStreamOperationStart _start;

    internal DataStreamWriter(DataFrame frame)
    {
        _frame = frame;
        _start = new WriteStreamOperationStart { Input = frame.Relation };
    }

    /// <summary>The sink: delta, kafka, memory, console, noop…</summary>
    public DataStreamWriter Format(string format)
    {
        _start.Format = format;
        return this;
    }

    /// <summary>An option of the sink, or <c>checkpointLocation</c>.</summary>
    public DataStreamWriter Option(string key, string value)
    {
        _start.Options[key] = value;
        return this;
    }

    /// <summary>Which rows of the result are written; append unless said.</summary>
    public DataStreamWriter OutputMode(OutputMode mode)
    {
        _start.OutputMode = mode.ToString().ToLowerInvariant();
        return this;
    }

    /// <summary>When a batch begins; as soon as the one before ends, unless said.</summary>
    public DataStreamWriter Trigger(Trigger trigger)
    {
        trigger.Apply(_start);
        return this;
    }

    /// <summary>Columns that make the folders of the table.</summary>
    public DataStreamWriter PartitionBy(params IEnumerable<string> columns)
    {
        _start.PartitioningColumnNames.Clear();
        _start.PartitioningColumnNames.AddRange(columns);
        return this;
    }

    /// <summary>Name of the query, unique among those that run in the session; the table's name of the memory sink.</summary>
    public DataStreamWriter QueryName(string name)
    {
        _start.QueryName = name;
        return this;
    }

    /// <summary>Starts the query into a path, or into a sink that has none.</summary>
    /// <exception cref="SparkException">The query cannot start, as when another one uses its checkpoint.</exception>
    public Task<StreamingQuery> StartAsync(string? path = null, CancellationToken cancellationToken = default)
    {
        _start.ClearSinkDestination();
        if (path is not null)
        {
            _start.Path = path;
        }

        return StartAsync(cancellationToken);
    }

    /// <summary>Starts the query into a table of the catalog.</summary>
    /// <exception cref="SparkException">The query cannot start, as when another one uses its checkpoint.</exception>
    public Task<StreamingQuery> ToTableAsync(string name, CancellationToken cancellationToken = default)
    {
        _start.TableName = name;
        return StartAsync(cancellationToken);
    }

    private async Task<StreamingQuery> StartAsync(CancellationToken cancellationToken)
    {
        var session = _frame.Session;
        var result = await session.RunCommandAsync(
            new Command { WriteStreamOperationStart = _start.Clone() },
            response => response.WriteStreamOperationStartResult,
            null,
            cancellationToken);
        return result is null
            ? throw new SparkException("The server did not say which streaming query it started")
            : new StreamingQuery(session, result.QueryId, result.Name);
    }
}

/// <summary>Which rows of a streaming query's result are written.</summary>
public enum OutputMode
{
    /// <summary>New rows, which never change.</summary>
    Append,

    /// <summary>Rows that changed.</summary>
    Update,

    /// <summary>All rows, each time.</summary>
    Complete,
}

/// <summary>When a streaming query begins its next batch.</summary>
public sealed class Trigger
{
    private readonly Action<WriteStreamOperationStart> _apply;

    private Trigger(Action<WriteStreamOperationStart> apply) => _apply = apply;

    /// <summary>At most once in an interval.</summary>
    public static Trigger ProcessingTime(TimeSpan interval) => new(start => start.ProcessingTimeInterval = Milliseconds(interval));

    /// <summary>Batches over what is there now, then the end.</summary>
    public static Trigger AvailableNow() => new(start => start.AvailableNow = true);

    /// <summary>One batch, then the end.</summary>
    public static Trigger Once() => new(start => start.Once = true);

    /// <summary>No batches: each row as it comes, with a checkpoint in each interval. Few sources and sinks can.</summary>
    public static Trigger Continuous(TimeSpan checkpointInterval) => new(start => start.ContinuousCheckpointInterval = Milliseconds(checkpointInterval));

    internal void Apply(WriteStreamOperationStart start) => _apply(start);

    private static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalMilliseconds} milliseconds");
}
