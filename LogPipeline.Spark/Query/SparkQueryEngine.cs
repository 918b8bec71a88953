using System.Globalization;
using Apache.Arrow;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Query;
using LogPipeline.Core.Query.SparkSql.Syntax;
using LogPipeline.Spark.Broker;
using LogPipeline.Spark.Connect;
using LogPipeline.Spark.Connect.Protocol;
using Microsoft.Extensions.Options;

namespace LogPipeline.Spark.Query;

/// <summary>Answers with Spark SQL, in the process's one session.</summary>
/// <remarks>
/// Rows arrive as the server makes them, and no more of them are held than the answer has: the server is asked for one row more than the
/// limit, and is stopped when the answer's bytes are full. A limit has the server bring all rows into one partition and hold them, so a large
/// answer whose rows are passed on is asked for without, and is stopped behind its last row. Each statement is an operation of its own and is cancelled by the operation's
/// id, because any wider interrupt would stop the session's streaming queries too.
/// </remarks>
internal sealed class SparkQueryEngine(SparkBroker broker, ITableCatalog catalog, IOptions<QueryOptions> options, TimeProvider time) : IQueryEngine
{
    private static readonly TimeSpan ReasonPatience = TimeSpan.FromSeconds(3);

    private readonly QueryOptions options = options.Value;

    public string Name => "spark";

    public async Task<QueryResult> ExecuteAsync(QueryRequest request, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var timeout = request.Timeout ?? options.Timeout;
        using var timer = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timer.Token);
        var sink = request.Rows is { } taker ? new CountingSink(taker) : null;
        SparkConnection? connection = null;
        try
        {
            var kind = StatementCheck.Classify(request.Sql);
            for (var attempt = 1; ; attempt++)
            {
                connection = await broker.ConnectAsync(null, either.Token).ConfigureAwait(false);
                try
                {
                    return await RunAsync(connection, kind, request, sink, started, either.Token).ConfigureAwait(false);
                }
                catch (SparkSessionLostException) when (attempt == 1 && sink is not { HasBegun: true })
                {
                    // Spark took nothing on: the session is made anew, and a statement that only reads can be asked again.
                    connection.Suspect();
                    await connection.Ended.WaitAsync(either.Token).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new OperationCanceledException("The query was cancelled.", cancellationToken);
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested)
        {
            throw connection is null ? NotReady(timeout) : new QueryException("QUERY_TIMEOUT", "57014", string.Create(
                CultureInfo.InvariantCulture,
                $"The query did not end within {timeout.TotalSeconds:0.###} s and was stopped. Filter more, or raise LogPipeline:Query:Timeout."));
        }
        catch (SparkServerException failure)
        {
            throw new QueryException(SparkErrors.UnavailableClass, "08001", failure.Message);
        }
        catch (SparkException failure) when (failure is SparkSessionLostException or SparkConnectionException)
        {
            throw await LostAsync(connection!, failure).ConfigureAwait(false);
        }
        catch (SparkException failure)
        {
            throw SparkErrors.Translate(request.Sql, failure);
        }
    }

    private async Task<QueryResult> RunAsync(SparkConnection connection, StatementKind kind, QueryRequest request, CountingSink? sink, long started, CancellationToken cancellationToken)
    {
        using var alive = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, connection.Lost);
        try
        {
            await (broker.Lake?.RegisterAsync(connection.Session, alive.Token) ?? Task.CompletedTask).ConfigureAwait(false);
            RefuseStrangers(request.Sql);
            var versions = new TableVersions(catalog, request.Sql);
            await versions.BeginAsync(alive.Token).ConfigureAwait(false);
            var rows = new RowLimit(Math.Clamp(request.MaxRows, 0, sink is null ? QueryOptions.RowsCeiling : QueryOptions.StreamedRowsCeiling), options.MaxResultMb * 1024L * 1024, sink);
            var columns = kind == StatementKind.Query
                ? await QueryAsync(connection.Session, request, rows, versions, alive.Token).ConfigureAwait(false)
                : await DescribeAsync(connection.Session, request, rows, alive.Token).ConfigureAwait(false);
            await rows.BeginAsync(columns, alive.Token).ConfigureAwait(false);
            return new QueryResult(columns, rows.Batches, rows.IsTruncated, time.GetElapsedTime(started), Name, versions.Read) { RowsTaken = rows.Passed };
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested
            && (failure is OperationCanceledException || (failure is SparkException && connection.Lost.IsCancellationRequested)))
        {
            // Nobody cancelled it: the connection broke, or the session was found lost meanwhile.
            throw await LostAsync(connection, failure).ConfigureAwait(false);
        }
        catch (LakeException failure)
        {
            throw new QueryException("TABLE_NOT_READABLE", "55000", failure.Message);
        }
    }

    /// <summary>Spark would answer with the rows of whoever has the name, so a name that is refused is not asked for, wherever it stands.</summary>
    private void RefuseStrangers(string sql)
    {
        if (broker.RefusedTables is { Count: > 0 } refused
            && Lexer.Read(sql).Where(token => token.Kind is TokenKind.Word or TokenKind.QuotedName).FirstOrDefault(token => refused.ContainsKey(token.Text)) is { Text: { } name })
        {
            throw new QueryException("TABLE_NOT_READABLE", "55000", refused[name]);
        }
    }

    private static async Task<IReadOnlyList<QueryColumn>> QueryAsync(SparkSession session, QueryRequest request, RowLimit rows, TableVersions versions, CancellationToken cancellationToken)
    {
        IReadOnlyList<QueryColumn> columns = [];
        var query = new Relation { Sql = new SQL { Query = Terminated(request.Sql) } };
        var plan = new Plan { Root = rows.MaxRows > QueryOptions.RowsCeiling ? query : new Relation { Limit = new Limit { Input = query, Limit_ = rows.MaxRows + 1 } } };
        await foreach (var response in session.Execute(plan, Options(request), cancellationToken).ConfigureAwait(false))
        {
            if (response.Schema is { } schema && columns.Count == 0)
            {
                columns = SparkTypes.Columns(schema);
                await versions.AnalysedAsync(cancellationToken).ConfigureAwait(false);
                await rows.BeginAsync(columns, cancellationToken).ConfigureAwait(false);
            }

            if (response.ArrowBatch is { } answer && !await rows.TakeAsync(ArrowResults.Read(answer.Data), answer.Data.Length, cancellationToken).ConfigureAwait(false))
            {
                break;
            }
        }

        return columns;
    }

    private static async Task<IReadOnlyList<QueryColumn>> DescribeAsync(SparkSession session, QueryRequest request, RowLimit rows, CancellationToken cancellationToken)
    {
        IReadOnlyList<QueryColumn> columns = [];
        var answer = await session.SqlAsync(Terminated(request.Sql), options: Options(request), cancellationToken: cancellationToken).ConfigureAwait(false);
        await foreach (var batch in answer.CollectAsync(cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            columns = SparkTypes.Columns(batch.Schema);
            await rows.BeginAsync(columns, cancellationToken).ConfigureAwait(false);
            if (!await rows.TakeAsync([batch], 0, cancellationToken).ConfigureAwait(false))
            {
                break;
            }
        }

        return columns;
    }

    /// <summary>A comment of one line at the end would take in what the server puts behind the text.</summary>
    private static string Terminated(string sql) => sql + "\n";

    private static ExecuteOptions Options(QueryRequest request) => new()
    {
        OperationId = Guid.NewGuid().ToString(),
        Progress = request.Progress is { } progress ? new Relay(progress) : null,
    };

    private QueryException NotReady(TimeSpan timeout) => new(SparkErrors.UnavailableClass, "08001", string.Create(
        CultureInfo.InvariantCulture,
        $"Spark was not ready within {timeout.TotalSeconds:0.###} s. {broker.Status.Problem ?? "It is starting; try again soon."}"));

    /// <summary>Gives the broker a moment to find out why, for the message.</summary>
    private async Task<QueryException> LostAsync(SparkConnection connection, Exception failure)
    {
        connection.Suspect();
        await Task.WhenAny(connection.Ended, Task.Delay(ReasonPatience, time)).ConfigureAwait(false);
        var reason = connection.Ended.IsCompleted ? broker.Status.LastError : null;
        return new QueryException(
            SparkErrors.LostClass, "08006", $"Spark was lost while the query ran, and is started or reached again: run the query once more. {reason ?? failure.Message}");
    }

    private sealed class Relay(IProgress<QueryProgress> progress) : IProgress<ExecutionProgress>
    {
        public void Report(ExecutionProgress value) => progress.Report(new QueryProgress(
            [.. value.Stages.Select(stage => new QueryStage(stage.StageId, stage.Tasks, stage.CompletedTasks, stage.InputBytes, stage.IsDone))], value.InflightTasks));
    }
}
