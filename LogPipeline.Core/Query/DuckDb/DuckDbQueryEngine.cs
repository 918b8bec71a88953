using System.Globalization;
using DuckDB.NET.Data;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Query.DuckDb.Engine;
using LogPipeline.Core.Query.DuckDb.Generation;
using LogPipeline.Core.Query.SparkSql;
using Microsoft.Extensions.Options;

namespace LogPipeline.Core.Query.DuckDb;

/// <summary>Answers Spark SQL over the lake's tables within this process.</summary>
/// <remarks>
/// A statement reads the snapshots that were current when it began. Compaction and VACUUM may delete a file of such a snapshot
/// meanwhile; the statement then runs once more, over fresh snapshots.
/// </remarks>
internal sealed class DuckDbQueryEngine(ITableCatalog catalog, IOptions<QueryOptions> options, TimeProvider time) : IQueryEngine, IDisposable
{
    private const string Schema = "delta_lake";

    private readonly QueryOptions options = options.Value;
    private readonly FileSchemas schemas = new();
    private readonly FileRanges ranges = new();
    private readonly Lock gate = new();
    private DuckDbInstance? instance;
    private bool disposed;

    public string Name => "embedded";

    public async Task<QueryResult> ExecuteAsync(QueryRequest request, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var timeout = request.Timeout ?? options.Timeout;
        using var timer = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        var sink = request.Rows is { } taker ? new CountingSink(taker) : null;
        try
        {
            var statement = SparkSqlFrontEnd.Parse(request.Sql);
            var now = time.GetUtcNow();
            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    return await RunAsync(statement, request, sink, now, started, either.Token).ConfigureAwait(false);
                }
                catch (Exception failure) when (attempt == 1 && sink is not { HasBegun: true } && RuntimeErrors.IsMissingFile(failure))
                {
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && timer.IsCancellationRequested)
        {
            throw new QueryException("QUERY_TIMEOUT", "57014", string.Create(
                CultureInfo.InvariantCulture,
                $"The query did not end within {timeout.TotalSeconds:0.###} s and was stopped. Filter more, or raise LogPipeline:Query:Timeout."));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The query was cancelled.", cancellationToken);
        }
        catch (Exception failure) when (failure is not QueryException and not OperationCanceledException && sink is not { HasFailed: true })
        {
            throw failure is LakeException ? new QueryException("TABLE_NOT_READABLE", "55000", failure.Message) : RuntimeErrors.Translate(failure, options);
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
            instance?.Dispose();
            instance = null;
        }
    }

    private async Task<QueryResult> RunAsync(ParsedStatement statement, QueryRequest request, CountingSink? sink, DateTimeOffset now, long started, CancellationToken cancellationToken)
    {
        var tables = await FindTablesAsync(statement, cancellationToken).ConfigureAwait(false);
        var typed = SparkSqlFrontEnd.Analyze(statement, tables, new AnalysisContext(now, catalog.Tables));
        var current = Instance();
        try
        {
            using var connection = current.Connect();
            await Task.Run(() => LoadSchemas(connection, typed.Snapshots, cancellationToken), cancellationToken).ConfigureAwait(false);

            var generated = DuckDbGenerator.Generate(typed, snapshot => TableScan.Build(snapshot, schemas, ranges));
            var maxRows = Math.Clamp(request.MaxRows, 0, sink is null ? QueryOptions.RowsCeiling : QueryOptions.StreamedRowsCeiling);
            var rows = await StatementRunner
                .RunAsync(connection, generated.Sql, generated.Columns, maxRows, options.MaxResultMb * 1024L * 1024, cancellationToken, sink)
                .ConfigureAwait(false);
            return new QueryResult(
                generated.Columns,
                rows.Batches,
                rows.Truncated,
                time.GetElapsedTime(started),
                Name,
                [.. typed.Snapshots.Select(snapshot => new TableVersion(snapshot.Name, snapshot.Version, snapshot.CommittedAt))])
            {
                RowsTaken = sink?.Rows ?? 0,
            };
        }
        catch (DuckDBException failure) when (RuntimeErrors.IsFatal(failure))
        {
            Replace(current);
            throw;
        }
    }

    private void LoadSchemas(DuckDBConnection connection, IReadOnlyList<TableSnapshot> snapshots, CancellationToken cancellationToken)
    {
        foreach (var snapshot in snapshots)
        {
            schemas.Load(connection, snapshot, cancellationToken);
        }
    }

    /// <summary>Tables are named <c>delta_lake.logs</c> or <c>logs</c>, each part perhaps in back quotes.</summary>
    private async Task<Dictionary<string, TableSnapshot>> FindTablesAsync(ParsedStatement statement, CancellationToken cancellationToken)
    {
        var tables = new Dictionary<string, TableSnapshot>(StringComparer.OrdinalIgnoreCase);
        foreach (var written in statement.Tables)
        {
            var parts = written.Split('.', StringSplitOptions.TrimEntries).Select(part => part.Trim('`')).ToArray();
            if (parts.Length > 3
                || (parts.Length >= 2 && !parts[^2].Equals(Schema, StringComparison.OrdinalIgnoreCase))
                || (parts.Length == 3 && !parts[0].Equals("spark_catalog", StringComparison.OrdinalIgnoreCase)))
            {
                continue;
            }

            if (await catalog.FindAsync(parts[^1], cancellationToken).ConfigureAwait(false) is { } snapshot)
            {
                tables[written] = snapshot;
            }
        }

        return tables;
    }

    private DuckDbInstance Instance()
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            return instance ??= DuckDbInstance.Open(catalog.Root, options);
        }
    }

    /// <summary>Queries that still run on the old instance keep it alive by their connections.</summary>
    private void Replace(DuckDbInstance broken)
    {
        lock (gate)
        {
            if (ReferenceEquals(instance, broken))
            {
                instance = null;
                broken.Dispose();
            }
        }
    }
}
