using Apache.Arrow;
using LogPipeline.Core.Query;
using LogPipeline.Tests.Engines;
using Xunit;

namespace LogPipeline.Tests.Query.Engines;

/// <summary>What holds of every query engine, over the same table in the same host.</summary>
[Collection(SparkLakeTurns.Name)]
public sealed class QueryEngineContractTests(BothEngines engines) : IClassFixture<BothEngines>
{
    private const string Endless = "SELECT max(a.id * 3 + b.id) AS n FROM range(10000000) a CROSS JOIN range(10000000) b";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Statements over the table whose rows are equal on every engine, columns, types and order included.</summary>
    public static TheoryData<string> Statements =>
    [
        .. SampleQueries.All.Select(sample => sample.Sql),
        "SELECT count(*) AS n, count(method) AS methods, count(DISTINCT session_id) AS sessions FROM logs",
        "SELECT endpoint, sum(response_time) AS s, min(response_time), max(response_time), avg(response_time) FROM delta_lake.logs GROUP BY endpoint ORDER BY endpoint",
        "SELECT DISTINCT message FROM delta_lake.logs ORDER BY message NULLS FIRST",
        "SELECT event_offset, lag(event_offset) OVER (ORDER BY event_offset) AS before FROM delta_lake.logs ORDER BY event_offset LIMIT 20",
        "WITH slow AS (SELECT * FROM delta_lake.logs WHERE response_time > 1000) SELECT level, count(*) AS n FROM slow GROUP BY level HAVING count(*) > 1 ORDER BY level",
        "SELECT 1 AS a, 'x' AS a, CAST(NULL AS STRING) AS b, 1.50 AS d, DATE'2024-02-29' AS e, array(1, 2) AS f, 1.5D AS g, true AS h, 3L AS i",
        "SELECT upper(method) AS m, CASE WHEN status >= 500 THEN 'bad' ELSE 'good' END AS k, count(*) AS n FROM delta_lake.logs GROUP BY 1, 2 ORDER BY 1 NULLS LAST, 2",
        "VALUES (1, 'one'), (2, 'two')",
    ];

    [Theory]
    [MemberData(nameof(Statements))]
    public async Task Both_engines_give_equal_columns_and_rows(string sql)
    {
        var embedded = await engines.Engine("embedded").ExecuteAsync(new QueryRequest(sql), Token);
        var spark = await engines.Engine("spark").ExecuteAsync(new QueryRequest(sql), Token);
        Assert.Equal(embedded.Columns.Select(column => (column.Name, column.Type.SimpleString)), spark.Columns.Select(column => (column.Name, column.Type.SimpleString)));
        Assert.Equal(BothEngines.Texts(embedded), BothEngines.Texts(spark));
        Assert.True(embedded.RowCount > 0, "No rows prove nothing");
        Assert.Equal(("embedded", "spark"), (embedded.Engine, spark.Engine));
        Assert.Equal(embedded.Versions.Select(one => (one.Table, one.Version)), spark.Versions.Select(one => (one.Table, one.Version)));
    }

    [Theory]
    [MemberData(nameof(BothEngines.Names), MemberType = typeof(BothEngines))]
    public async Task A_statement_sees_the_rows_that_were_committed_before_it(string name)
    {
        var engine = engines.Engine(name);
        var before = await CountAsync(engine);
        await engines.AddAsync(30);
        Assert.Equal(before + 30, await CountAsync(engine));
    }

    [Theory]
    [MemberData(nameof(BothEngines.Names), MemberType = typeof(BothEngines))]
    public async Task A_longer_answer_is_cut_and_says_so(string name)
    {
        var engine = engines.Engine(name);
        var cut = await engine.ExecuteAsync(new QueryRequest("SELECT id FROM range(0, 1000, 1, 4)", 10), Token);
        Assert.Equal((10, true), (cut.RowCount, cut.Truncated));
        var whole = await engine.ExecuteAsync(new QueryRequest("SELECT id FROM range(10)", 10), Token);
        Assert.Equal((10, false), (whole.RowCount, whole.Truncated));
        var empty = await engine.ExecuteAsync(new QueryRequest("SELECT endpoint, status FROM delta_lake.logs WHERE status = 1"), Token);
        Assert.Equal(["endpoint string", "status int"], empty.Columns.Select(column => $"{column.Name} {column.Type.SimpleString}"));
        Assert.Equal((0, false), (empty.RowCount, empty.Truncated));
    }

    [Theory]
    [MemberData(nameof(BothEngines.Names), MemberType = typeof(BothEngines))]
    public async Task Rows_are_passed_on_as_they_come_and_none_is_held(string name)
    {
        var engine = engines.Engine(name);
        foreach (var (maxRows, rows) in new[] { (2_000_000, 200_000L), (200_000, 200_000L), (150_000, 150_000L) })
        {
            var taken = new Taken();
            var result = await engine.ExecuteAsync(new QueryRequest("SELECT id, concat('x', id) AS t FROM range(0, 200000, 1, 4)", maxRows) { Rows = taken }, Token);
            Assert.Equal((rows, rows, rows < 200_000), (taken.Rows, result.RowCount, result.Truncated));
            Assert.Empty(result.Batches);
            Assert.Equal(["id", "t"], taken.Columns);
            Assert.True(taken.Batches > 1);
        }

        var empty = new Taken();
        _ = await engine.ExecuteAsync(new QueryRequest("SELECT endpoint FROM delta_lake.logs WHERE status = 1") { Rows = empty }, Token);
        Assert.Equal(["endpoint"], empty.Columns);
        Assert.Equal(0, empty.Rows);
    }

    [Theory]
    [MemberData(nameof(BothEngines.Names), MemberType = typeof(BothEngines))]
    public async Task A_receiver_that_fails_is_no_failure_of_the_statement(string name)
    {
        var engine = engines.Engine(name);
        var failing = new Taken { Fails = true };
        await Assert.ThrowsAsync<IOException>(() => engine.ExecuteAsync(new QueryRequest("SELECT id FROM range(0, 200000, 1, 4)", 200_000) { Rows = failing }, Token));
        Assert.True(await CountAsync(engine) >= BothEngines.Rows);
    }

    [Theory]
    [MemberData(nameof(BothEngines.Names), MemberType = typeof(BothEngines))]
    public async Task A_statement_that_takes_too_long_is_stopped(string name)
    {
        var engine = engines.Engine(name);
        var failure = await Assert.ThrowsAsync<QueryException>(() => engine.ExecuteAsync(new QueryRequest(Endless, Timeout: TimeSpan.FromSeconds(2)), Token));
        Assert.Equal(("QUERY_TIMEOUT", "57014"), (failure.ErrorClass, failure.SqlState));
        Assert.True(await CountAsync(engine) >= BothEngines.Rows);
    }

    [Theory]
    [MemberData(nameof(BothEngines.Names), MemberType = typeof(BothEngines))]
    public async Task A_cancelled_statement_ends_as_cancelled_and_the_engine_goes_on(string name)
    {
        var engine = engines.Engine(name);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var working = new TaskCompletionSource();
        var running = engine.ExecuteAsync(new QueryRequest(Endless) { Progress = new Told(progress => _ = progress.RunningTasks > 0 && working.TrySetResult()) }, cancel.Token);
        if (name == "spark")
        {
            // Spark tells how far it is; a statement is cancelled while its tasks run.
            await Task.WhenAny(working.Task, running);
        }

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.False(Token.IsCancellationRequested);
        Assert.True(await CountAsync(engine) >= BothEngines.Rows);
    }

    [Theory]
    [InlineData("embedded", "SELECT endpoin FROM delta_lake.logs", "UNRESOLVED_COLUMN.WITH_SUGGESTION", 1, 8)]
    [InlineData("spark", "SELECT endpoin FROM delta_lake.logs", "UNRESOLVED_COLUMN.WITH_SUGGESTION", 1, 8)]
    [InlineData("embedded", "SELECT 1\nFROM delta_lake.lags", "TABLE_OR_VIEW_NOT_FOUND", 2, 6)]
    [InlineData("spark", "SELECT 1\nFROM delta_lake.lags", "TABLE_OR_VIEW_NOT_FOUND", 2, 6)]
    [InlineData("embedded", "SELECT (1\nFROM delta_lake.logs", "PARSE_SYNTAX_ERROR", 2, 0)]
    [InlineData("spark", "SELECT (1\nFROM delta_lake.logs", "PARSE_SYNTAX_ERROR", 2, 0)]
    [InlineData("embedded", "SELECT status / (status - status) AS x FROM delta_lake.logs", "DIVIDE_BY_ZERO", 0, 0)]
    [InlineData("spark", "SELECT status / (status - status) AS x FROM delta_lake.logs", "DIVIDE_BY_ZERO", 1, 8)]
    public async Task A_wrong_statement_has_sparks_class_and_its_place(string name, string sql, string errorClass, int line, int column)
    {
        var failure = await Assert.ThrowsAsync<QueryException>(() => engines.Engine(name).ExecuteAsync(new QueryRequest(sql), Token));
        Assert.Equal((errorClass, line), (failure.ErrorClass, failure.Line));
        Assert.True(column == 0 || failure.Column == column, $"column {failure.Column}");
        Assert.DoesNotContain("SQLSTATE", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DROP TABLE delta_lake.logs")]
    [InlineData("INSERT INTO delta_lake.logs SELECT * FROM delta_lake.logs")]
    [InlineData("SET spark.sql.ansi.enabled = false")]
    [InlineData("SELECT * FROM text.`/etc/passwd`")]
    [InlineData("SELECT java_method('java.lang.System', 'getenv', 'HOME')")]
    [InlineData("SELECT 1; DROP TABLE delta_lake.logs")]
    [InlineData("WITH t AS (SELECT 1) DELETE FROM delta_lake.logs")]
    [InlineData("CREATE OR REPLACE TEMPORARY VIEW logs AS SELECT 1")]
    public async Task Nothing_but_reading_the_tables_runs(string sql)
    {
        foreach (var name in engines.Queries.State.Engines)
        {
            var engine = engines.Engine(name);
            var before = await CountAsync(engine);
            await Assert.ThrowsAsync<QueryException>(() => engine.ExecuteAsync(new QueryRequest(sql), Token));
            Assert.Equal(before, await CountAsync(engine));
        }
    }

    [Fact]
    public async Task Spark_tells_how_far_a_statement_is()
    {
        var reports = new List<QueryProgress>();
        var result = await engines.Engine("spark").ExecuteAsync(
            new QueryRequest("SELECT sum(hash(id)) AS n FROM range(0, 200000000, 1, 16)") { Progress = new Told(progress =>
            {
                lock (reports)
                {
                    reports.Add(progress);
                }
            }) }, Token);
        Assert.Equal(1, result.RowCount);
        lock (reports)
        {
            Assert.Contains(reports, report => report.RunningTasks > 0);
            Assert.True(reports[^1].Stages.Sum(stage => stage.Tasks) >= 16);
        }
    }

    private static async Task<long> CountAsync(IQueryEngine engine)
    {
        var result = await engine.ExecuteAsync(new QueryRequest("SELECT count(*) AS n FROM delta_lake.logs"), Token);
        return long.Parse(BothEngines.Texts(result)[0], System.Globalization.CultureInfo.InvariantCulture);
    }

    private sealed class Taken : IRowSink
    {
        public bool Fails { get; init; }

        public IReadOnlyList<string> Columns { get; private set; } = [];

        public long Rows { get; private set; }

        public int Batches { get; private set; }

        public ValueTask BeginAsync(IReadOnlyList<QueryColumn> columns, CancellationToken cancellationToken)
        {
            Assert.Empty(Columns);
            Columns = [.. columns.Select(column => column.Name)];
            return ValueTask.CompletedTask;
        }

        public ValueTask WriteAsync(RecordBatch batch, CancellationToken cancellationToken)
        {
            (Rows, Batches) = (Rows + batch.Length, Batches + 1);
            return Fails ? throw new IOException("The receiver is gone") : ValueTask.CompletedTask;
        }
    }

    private sealed class Told(Action<QueryProgress> action) : IProgress<QueryProgress>
    {
        public void Report(QueryProgress value) => action(value);
    }
}
