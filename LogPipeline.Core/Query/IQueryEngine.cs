using Apache.Arrow;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query;

/// <summary>Answers Spark SQL over the tables of the lake.</summary>
public interface IQueryEngine
{
    /// <summary>Name shown with each answer: <c>embedded</c> or <c>spark</c>.</summary>
    string Name { get; }

    /// <summary>Runs one read-only statement.</summary>
    /// <exception cref="QueryException">The statement is wrong, refused, too slow, or failed while running.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the engine has stopped working on it.</exception>
    Task<QueryResult> ExecuteAsync(QueryRequest request, CancellationToken cancellationToken);
}

/// <summary>A statement to run.</summary>
/// <param name="Sql">Spark SQL, one statement.</param>
/// <param name="MaxRows">Rows returned at most; the result says when there were more.</param>
/// <param name="Timeout">Time allowed; null for the configured one.</param>
public sealed record QueryRequest(string Sql, int MaxRows = 10_000, TimeSpan? Timeout = null)
{
    /// <summary>Is told how far the statement is, from any thread, by an engine that knows; null when nobody wants to know.</summary>
    public IProgress<QueryProgress>? Progress { get; init; }

    /// <summary>Takes the rows as they come; the result then holds none of them, and has no limit of bytes. Null has them in the result.</summary>
    public IRowSink? Rows { get; init; }
}

/// <summary>The rows of a statement, as Arrow.</summary>
/// <param name="Columns">Names and Spark types in order; names may repeat.</param>
/// <param name="Batches">Rows, with Arrow types that correspond to <paramref name="Columns"/>.</param>
/// <param name="Truncated">Whether there were more rows than the limit.</param>
/// <param name="Elapsed">From the request to the last row.</param>
/// <param name="Engine">Which engine answered.</param>
/// <param name="Versions">Delta version of each table that was read.</param>
public sealed record QueryResult(
    IReadOnlyList<QueryColumn> Columns,
    IReadOnlyList<RecordBatch> Batches,
    bool Truncated,
    TimeSpan Elapsed,
    string Engine,
    IReadOnlyList<TableVersion> Versions)
{
    /// <summary>Rows that <see cref="QueryRequest.Rows"/> took.</summary>
    public long RowsTaken { get; init; }

    /// <summary>Rows of the answer.</summary>
    public long RowCount => RowsTaken + Batches.Sum(batch => (long)batch.Length);
}

/// <summary>One column of a result.</summary>
/// <param name="Name">Name as Spark gives it.</param>
/// <param name="Type">Spark type.</param>
public sealed record QueryColumn(string Name, DataType Type);

/// <summary>Which version of a table a result was computed from.</summary>
/// <param name="Table">Table name.</param>
/// <param name="Version">Delta version.</param>
/// <param name="CommittedAt">When it was committed.</param>
public sealed record TableVersion(string Table, long Version, DateTimeOffset CommittedAt);
