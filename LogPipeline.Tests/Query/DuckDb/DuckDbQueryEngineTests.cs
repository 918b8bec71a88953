using Apache.Arrow;
using DuckDB.NET.Data;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Query;
using LogPipeline.Core.Query.DuckDb;
using LogPipeline.Core.Query.DuckDb.Engine;
using LogPipeline.Core.Types;
using Microsoft.Extensions.Options;
using Xunit;

namespace LogPipeline.Tests.Query.DuckDb;

/// <summary>Spark SQL in, rows out, over a table that changes.</summary>
public sealed class DuckDbQueryEngineTests : IDisposable
{
    private readonly GrowingTable table = new();
    private readonly DuckDbQueryEngine engine;

    public DuckDbQueryEngineTests() =>
        engine = new DuckDbQueryEngine(table, Options.Create(new QueryOptions { MemoryMb = 256, Threads = 2 }), TimeProvider.System);

    public void Dispose()
    {
        engine.Dispose();
        table.Dispose();
    }

    private async Task<long> CountAsync(string sql = "SELECT count(*) AS n FROM delta_lake.logs")
    {
        var result = await engine.ExecuteAsync(new QueryRequest(sql), TestContext.Current.CancellationToken);
        return ((Int64Array)result.Batches[0].Column(0)).GetValue(0)!.Value;
    }

    [Fact]
    public async Task The_sample_queries_answer_over_the_rows_of_the_last_hour()
    {
        table.Add(100);
        var results = new List<QueryResult>();
        foreach (var sample in SampleQueries.All)
        {
            results.Add(await engine.ExecuteAsync(new QueryRequest(sample.Sql), TestContext.Current.CancellationToken));
        }

        Assert.Equal(["endpoint", "error_count", "avg_response_time"], results[0].Columns.Select(column => column.Name));
        Assert.Equal([DataTypes.String, DataTypes.Long, DataTypes.Double], results[0].Columns.Select(column => column.Type));
        Assert.Equal(1, results[0].RowCount);
        Assert.Equal(10, results[1].RowCount);
        Assert.Equal(1, results[2].RowCount);
        Assert.All(results, result => Assert.Equal(("embedded", 1L), (result.Engine, result.Versions[0].Version)));
    }

    [Fact]
    public async Task Each_statement_sees_the_rows_that_were_committed_before_it()
    {
        Assert.Equal(0, await CountAsync());
        for (var round = 1; round <= 5; round++)
        {
            table.Add(100);
            Assert.Equal(round * 100, await CountAsync());
            Assert.Equal(round * 100, await CountAsync("SELECT count(*) AS n FROM logs"));
        }
    }

    [Fact]
    public async Task A_file_that_compaction_deletes_under_a_statement_is_not_missed()
    {
        table.Add(100);
        table.Add(100);
        Assert.Equal(200, await CountAsync());
        table.GiveOldOnce = true;
        table.Compact();
        Assert.Equal(200, await CountAsync());
    }

    [Fact]
    public async Task Queries_run_beside_commits_and_each_count_is_one_of_a_version()
    {
        table.Add(100);
        var stop = false;
        var writer = Task.Run(() =>
        {
            for (var commit = 0; commit < 20; commit++)
            {
                table.Add(100);
            }

            Volatile.Write(ref stop, true);
        }, TestContext.Current.CancellationToken);
        var readers = Enumerable.Range(0, 4).Select(async _ =>
        {
            long last = 0;
            while (!Volatile.Read(ref stop))
            {
                var count = await CountAsync();
                Assert.True(count % 100 == 0 && count >= last);
                last = count;
            }
        });
        await Task.WhenAll([writer, .. readers]);
        Assert.Equal(2_100, await CountAsync());
    }

    [Theory]
    [InlineData("SELECT count(*) FROM range(10000000) a CROSS JOIN range(10000000) b CROSS JOIN range(10000000) c WHERE a.id + b.id + c.id = 5")]
    [InlineData("SELECT sum(a.id * 3 + b.id) FROM range(100000000000) a CROSS JOIN range(100000) b")]
    public async Task A_query_that_never_ends_is_stopped_by_its_time(string sql)
    {
        var failure = await Assert.ThrowsAsync<QueryException>(() =>
            engine.ExecuteAsync(new QueryRequest(sql, Timeout: TimeSpan.FromMilliseconds(300)), TestContext.Current.CancellationToken));
        Assert.Equal("QUERY_TIMEOUT", failure.ErrorClass);
        Assert.Equal(0, await CountAsync());
    }

    [Theory]
    [InlineData("SELECT 1{0} AS n", " + 1")]
    [InlineData("SELECT CASE WHEN false{0} THEN 0 ELSE 400 END AS n", " OR 1 = 2")]
    public async Task A_long_chain_is_answered(string statement, string part)
    {
        var sql = string.Format(System.Globalization.CultureInfo.InvariantCulture, statement, string.Concat(Enumerable.Repeat(part, 399)));
        var result = await engine.ExecuteAsync(new QueryRequest(sql), TestContext.Current.CancellationToken);
        Assert.Equal("400", Core.Query.Results.CellValue.Text(result.Batches[0].Column(0), result.Columns[0].Type, 0));
    }

    [Fact]
    public async Task A_chain_that_is_too_long_for_the_engine_is_an_error_in_words()
    {
        var failure = await Assert.ThrowsAsync<QueryException>(() => engine.ExecuteAsync(
            new QueryRequest("SELECT count(*) AS n FROM (SELECT 1" + string.Concat(Enumerable.Repeat(" UNION ALL SELECT 1", 399)) + ")"), TestContext.Current.CancellationToken));
        Assert.Equal("FAILED_TO_PARSE_TOO_COMPLEX", failure.ErrorClass);
        Assert.Equal(0, await CountAsync());
    }

    [Fact]
    public async Task A_cancelled_query_ends_as_cancelled_and_the_engine_goes_on()
    {
        using var cancel = new CancellationTokenSource();
        var running = engine.ExecuteAsync(new QueryRequest("SELECT sum(a.id * 3 + b.id) FROM range(100000000000) a CROSS JOIN range(100000) b"), cancel.Token);
        await Task.Delay(TimeSpan.FromMilliseconds(150), TimeProvider.System, TestContext.Current.CancellationToken);
        var started = TimeProvider.System.GetTimestamp();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.InRange(TimeProvider.System.GetElapsedTime(started).TotalSeconds, 0, 30);
        Assert.Equal(0, await CountAsync());
    }

    [Theory]
    [InlineData("COPY delta_lake.logs TO '/tmp/x.csv'")]
    [InlineData("ATTACH '/tmp/x.db'")]
    [InlineData("INSTALL httpfs")]
    [InlineData("PRAGMA version")]
    [InlineData("SET memory_limit = '1GB'")]
    [InlineData("CREATE TABLE t AS SELECT 1")]
    [InlineData("DROP TABLE delta_lake.logs")]
    [InlineData("DELETE FROM delta_lake.logs")]
    [InlineData("INSERT INTO delta_lake.logs VALUES (1)")]
    [InlineData("UPDATE delta_lake.logs SET status = 1")]
    [InlineData("SELECT 1; SELECT 2")]
    [InlineData("SELECT * FROM '/etc/passwd'")]
    [InlineData("SELECT * FROM parquet.`/etc/passwd`")]
    [InlineData("SELECT * FROM csv.`/etc/passwd`")]
    [InlineData("SELECT * FROM read_text('/etc/passwd')")]
    [InlineData("SELECT * FROM duckdb_settings()")]
    [InlineData("SELECT getenv('HOME')")]
    [InlineData("SELECT current_setting('memory_limit')")]
    [InlineData("SELECT * FROM information_schema.tables")]
    [InlineData("SELECT * FROM pg_catalog.pg_class")]
    [InlineData("SELECT \"status\" FROM delta_lake.logs; --")]
    [InlineData("SELECT spark_cast_int('1')")]
    [InlineData("SELECT error('x')")]
    [InlineData("")]
    public async Task Nothing_but_a_query_that_the_front_end_knows_reaches_duckdb(string sql)
    {
        table.Add(1);
        if (sql.StartsWith("SELECT \"status\"", StringComparison.Ordinal))
        {
            // A text in Spark, and never a name of DuckDB's.
            var result = await engine.ExecuteAsync(new QueryRequest(sql), TestContext.Current.CancellationToken);
            Assert.Equal("status", ((StringArray)result.Batches[0].Column(0)).GetString(0));
            return;
        }

        var failure = await Assert.ThrowsAsync<QueryException>(() => engine.ExecuteAsync(new QueryRequest(sql), TestContext.Current.CancellationToken));
        Assert.NotEqual("EMBEDDED_ENGINE_FAILED", failure.ErrorClass);
    }

    /// <summary>A table in a folder whose snapshot grows with each call.</summary>
    private sealed class GrowingTable : ITableCatalog, IDisposable
    {
        private static readonly StructType Schema = new(
        [
            new("timestamp", DataTypes.Timestamp), new("date", DataTypes.Date), new("level", DataTypes.String), new("source", DataTypes.String),
            new("endpoint", DataTypes.String), new("status", DataTypes.Integer), new("response_time", DataTypes.Double),
            new("user_id", DataTypes.String), new("session_id", DataTypes.String),
        ]);

        private readonly Lock gate = new();
        private TableSnapshot snapshot;
        private TableSnapshot? old;
        private int files;

        public GrowingTable() => snapshot = new TableSnapshot("logs", Root, 0, DateTimeOffset.UnixEpoch, Schema, [], []);

        public IReadOnlyList<string> Tables => ["logs"];

        public string Root { get; } = Directory.CreateTempSubdirectory("logpipeline-growing-").FullName;

        public bool GiveOldOnce { get; set; }

        public void Add(int rows)
        {
            lock (gate)
            {
                var file = Write($"SELECT now() AS \"timestamp\", current_date AS date, 'ERROR' AS level, 'web' AS source, '/x' AS endpoint, 500 AS status, 12.5::DOUBLE AS response_time, 'u' || i % 20 AS user_id, 's' || i % 30 AS session_id FROM range({rows}) t(i)");
                snapshot = snapshot with { Version = snapshot.Version + 1, Files = [.. snapshot.Files, file] };
            }
        }

        public void Compact()
        {
            lock (gate)
            {
                old = snapshot;
                var file = Write($"SELECT * FROM read_parquet([{string.Join(", ", snapshot.Files.Select(one => DuckDbSql.Literal(one.Path)))}])");
                snapshot = snapshot with { Version = snapshot.Version + 1, Files = [file] };
                foreach (var gone in old.Files)
                {
                    File.Delete(gone.Path);
                }
            }
        }

        public ValueTask<TableSnapshot?> FindAsync(string name, CancellationToken cancellationToken)
        {
            lock (gate)
            {
                if (GiveOldOnce)
                {
                    GiveOldOnce = false;
                    return ValueTask.FromResult(old);
                }

                return ValueTask.FromResult(name.Equals("logs", StringComparison.OrdinalIgnoreCase) ? snapshot : null);
            }
        }

        public ValueTask<TableSnapshot> ReadVersionAsync(string name, long version, CancellationToken cancellationToken) => throw new LakeException("One version only.");

        public void Dispose() => Directory.Delete(Root, recursive: true);

        private DataFile Write(string select)
        {
            var path = Path.Combine(Root, $"part-{files++}.parquet");
            using var writer = new DuckDBConnection("DataSource=:memory:");
            writer.Open();
            using var command = writer.CreateCommand();
            command.CommandText = $"SET TimeZone='UTC'; COPY ({select}) TO {DuckDbSql.Literal(path)} (FORMAT parquet)";
            command.ExecuteNonQuery();
            return new DataFile(path, new FileInfo(path).Length, DateTimeOffset.UnixEpoch, new Dictionary<string, string?>(), null);
        }
    }
}
