using System.Diagnostics;
using Apache.Arrow;
using DuckDB.NET.Data;
using LogPipeline.Core.Query;
using LogPipeline.Core.Query.DuckDb.Engine;
using LogPipeline.Core.Query.Results;
using LogPipeline.Core.Types;
using Xunit;

namespace LogPipeline.Tests.Query.DuckDb;

public sealed class StatementRunnerTests(DuckDbSession session) : IClassFixture<DuckDbSession>
{
    private static readonly QueryColumn[] OneLong = [new("n", DataTypes.Long)];

    private async Task<StatementRows> RunAsync(string sql, IReadOnlyList<QueryColumn> columns, int maxRows = 1_000, long maxBytes = 1 << 28, CancellationToken cancellationToken = default)
    {
        using var connection = session.Instance.Connect();
        return await StatementRunner.RunAsync(connection, sql, columns, maxRows, maxBytes, cancellationToken);
    }

    [Theory]
    [InlineData(10, 20, 10, false)]
    [InlineData(10, 10, 10, false)]
    [InlineData(11, 10, 10, true)]
    [InlineData(100_000, 70_000, 70_000, true)]
    [InlineData(2_048, 2_048, 2_048, false)]
    [InlineData(2_049, 2_048, 2_048, true)]
    [InlineData(5, 0, 0, true)]
    public async Task The_row_limit_cuts_and_says_so(int rows, int limit, int taken, bool truncated)
    {
        var result = await RunAsync($"SELECT i AS n FROM range({rows}) t(i)", OneLong, limit, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(taken, result.Batches.Sum(batch => batch.Length));
        Assert.Equal(truncated, result.Truncated);
        Assert.Equal(Enumerable.Range(0, taken).Sum(i => (long)i), result.Batches.Sum(batch => ((Int64Array)batch.Column(0)).Values.ToArray().Sum()));
    }

    [Fact]
    public async Task A_million_of_a_billion_rows_take_little_memory_and_time()
    {
        var before = Process.GetCurrentProcess().WorkingSet64;
        var result = await RunAsync("SELECT i AS n, i::VARCHAR || ' some text' AS s FROM range(1000000000) t(i)", [.. OneLong, new("s", DataTypes.String)], 1_000_000, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(1_000_000, result.Batches.Sum(batch => batch.Length));
        Assert.True(result.Truncated);
        using var process = Process.GetCurrentProcess();
        Assert.InRange(process.WorkingSet64 - before, long.MinValue, 400L << 20);
    }

    [Fact]
    public async Task Wide_rows_are_cut_by_their_bytes()
    {
        var result = await RunAsync("SELECT repeat('x', 10000) AS s FROM range(100000) t(i)", [new("s", DataTypes.String)], 1_000_000, 50L << 20, TestContext.Current.CancellationToken);
        Assert.True(result.Truncated);
        Assert.InRange(result.Batches.Sum(batch => batch.Length), 1, 15_000);
    }

    [Theory]
    [InlineData("SELECT count(*) AS n FROM range(100000000) a(i), range(1000000) b(j) WHERE i + j = 3")]
    [InlineData("SELECT sum(i * j) AS n FROM range(100000000) a(i), range(1000000) b(j)")]
    [InlineData("SELECT i AS n FROM range(100000000000) a(i) WHERE i % 1000003 = 7")]
    [InlineData("SELECT count(*) AS n FROM range(1000000000) a(i) WHERE spark_double_to_string(i::DOUBLE) = 'x'")]
    public async Task A_cancelled_statement_that_would_run_for_hours_stops(string sql)
    {
        using var cancel = new CancellationTokenSource();
        var running = RunAsync(sql, OneLong, 1_000_000, cancellationToken: cancel.Token);
        await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.False(running.IsCompleted);
        var started = TimeProvider.System.GetTimestamp();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.InRange(TimeProvider.System.GetElapsedTime(started).TotalSeconds, 0, 30);
    }

    [Fact]
    public async Task A_statement_that_needs_too_much_memory_fails_with_the_limit_in_words()
    {
        var failure = await Assert.ThrowsAsync<DuckDBException>(() => RunAsync("SELECT list(i)::VARCHAR AS n FROM range(1000000000) t(i)", OneLong, cancellationToken: TestContext.Current.CancellationToken));
        var translated = RuntimeErrors.Translate(failure, session.Options);
        Assert.Equal("QUERY_OUT_OF_MEMORY", translated.ErrorClass);
        Assert.Contains("512 MiB", translated.Message, StringComparison.Ordinal);
        Assert.Equal(7L, session.Value("(SELECT 3 + 4::BIGINT)"));
    }

    [Fact]
    public async Task Many_statements_run_on_one_instance_at_once()
    {
        var sums = await Task.WhenAll(Enumerable.Range(1, 16).Select(async index =>
        {
            var rows = await RunAsync($"SELECT sum(i)::BIGINT AS n FROM range({index * 100_000}) t(i)", OneLong, cancellationToken: TestContext.Current.CancellationToken);
            return ((Int64Array)rows.Batches[0].Column(0)).GetValue(0);
        }));
        Assert.Equal(Enumerable.Range(1, 16).Select(index => (long?)((long)index * 100_000 * ((index * 100_000L) - 1) / 2)), sums);
    }

    [Theory]
    [InlineData("12::TINYINT", "tinyint", "12")]
    [InlineData("9223372036854775807::HUGEINT", "bigint", "9223372036854775807")]
    [InlineData("count(*)", "bigint", "1")]
    [InlineData("-1.50::DECIMAL(38,2)", "decimal(38,2)", "-1.50")]
    [InlineData("123456789012345678901234567890.12::DECIMAL(32,2)", "decimal(32,2)", "123456789012345678901234567890.12")]
    [InlineData("1.5::FLOAT", "float", "1.5")]
    [InlineData("1e7::DOUBLE", "double", "1.0E7")]
    [InlineData("true", "boolean", "true")]
    [InlineData("TIMESTAMP '2015-05-17 10:00:00.12'", "timestamp", "2015-05-17 10:00:00.12")]
    [InlineData("TIMESTAMPTZ '2015-05-17 10:00:00+02'", "timestamp", "2015-05-17 08:00:00")]
    [InlineData("DATE '1969-12-31'", "date", "1969-12-31")]
    [InlineData("'\\x00\\xFF'::BLOB", "binary", "00ff")]
    [InlineData("NULL", "void", null)]
    [InlineData("93784500000::BIGINT", "interval day to second", "INTERVAL '1 02:03:04.5' DAY TO SECOND")]
    [InlineData("14::INTEGER", "interval year to month", "INTERVAL '1-2' YEAR TO MONTH")]
    [InlineData("[1, NULL, 3]::INTEGER[]", "array<int>", "[1,null,3]")]
    [InlineData("MAP {'a': [1.5::DOUBLE, 'nan'::DOUBLE]}", "map<string,array<double>>", "{\"a\":[1.5,\"NaN\"]}")]
    [InlineData("[NULL]", "array<void>", "[null]")]
    [InlineData("[[], [NULL, 'a']]::VARCHAR[][]", "array<array<string>>", "[[],[null,\"a\"]]")]
    [InlineData("{'x': 1::BIGINT, 'y': 'é\"'}", "struct<x:bigint,y:string>", "{\"x\":1,\"y\":\"é\\\"\"}")]
    [InlineData("[{'k': 1::INTEGER, 'v': MAP {1: DATE '2015-05-17'}}]", "array<struct<k:int,v:map<int,date>>>", "[{\"k\":1,\"v\":{\"1\":\"2015-05-17\"}}]")]
    public async Task Values_have_the_types_of_the_plan(string expression, string type, string? text)
    {
        var column = new QueryColumn("v", TypeNames.Parse(type));
        var rows = await RunAsync($"SELECT {expression} AS v", [column], cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(text, CellValue.Text(rows.Batches[0].Column(0), column.Type, 0));
    }

    [Fact]
    public async Task Nested_values_survive_the_joining_of_many_chunks()
    {
        var column = new QueryColumn("v", TypeNames.Parse("array<struct<n:bigint,s:string,f:boolean>>"));
        var rows = await RunAsync(
            "SELECT CASE WHEN i % 7 <> 0 THEN [{'n': i, 's': CASE WHEN i % 3 = 0 THEN 's' || i END, 'f': i % 2 = 0}, {'n': NULL, 's': '', 'f': NULL}] END AS v FROM range(150000) t(i)",
            [column],
            149_999,
            cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(rows.Truncated);
        long i = 0;
        foreach (var batch in rows.Batches)
        {
            for (var row = 0; row < batch.Length; row++, i++)
            {
                var s = i % 3 == 0 ? $"\"s{i}\"" : "null";
                var expected = i % 7 == 0 ? null : $$"""[{"n":{{i}},"s":{{s}},"f":{{(i % 2 == 0 ? "true" : "false")}}},{"n":null,"s":"","f":null}]""";
                if (CellValue.Text(batch.Column(0), column.Type, row) != expected)
                {
                    Assert.Equal(expected, CellValue.Text(batch.Column(0), column.Type, row));
                }
            }
        }

        Assert.Equal(149_999, i);
    }

    [Fact]
    public async Task A_number_that_does_not_fit_the_plan_is_an_error_and_never_another_number()
    {
        var failure = await Assert.ThrowsAsync<QueryException>(() => RunAsync("SELECT 9223372036854775808::HUGEINT AS n", OneLong, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal("ARITHMETIC_OVERFLOW", failure.ErrorClass);
    }
}
