using Apache.Arrow;
using DuckDB.NET.Data;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Query;
using LogPipeline.Core.Query.DuckDb.Engine;
using LogPipeline.Core.Query.Results;
using LogPipeline.Core.Types;
using Xunit;

namespace LogPipeline.Tests.Query.DuckDb;

public sealed class TableScanTests(DuckDbSession session) : IClassFixture<DuckDbSession>
{
    private static readonly StructType Schema = new(
    [
        new("Timestamp", DataTypes.Timestamp),
        new("date", DataTypes.Date),
        new("level", DataTypes.String),
        new("n", DataTypes.Long),
    ]);

    private readonly FileSchemas schemas = new();

    /// <summary>Writes a file with another instance, because the queries' instance must not write.</summary>
    private DataFile Write(string name, string select, string? date = "2015-05-17", string? stats = null)
    {
        var path = Path.Combine(session.LakeRoot, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using var writer = new DuckDBConnection("DataSource=:memory:");
        writer.Open();
        using var command = writer.CreateCommand();
        command.CommandText = $"SET TimeZone='UTC'; COPY ({select}) TO {DuckDbSql.Literal(path)} (FORMAT parquet)";
        command.ExecuteNonQuery();
        return new DataFile(path, new FileInfo(path).Length, DateTimeOffset.UnixEpoch, new Dictionary<string, string?> { ["date"] = date }, stats);
    }

    private static TableSnapshot Snapshot(params DataFile[] files) => new("t", "/unused", 3, DateTimeOffset.UnixEpoch, Schema, ["date"], files);

    private async Task<string[]> RowsAsync(TableSnapshot snapshot, string query = "SELECT * FROM {0} AS t ORDER BY ALL")
    {
        using var connection = session.Instance.Connect();
        schemas.Load(connection, snapshot, TestContext.Current.CancellationToken);
        var sql = query.Replace("{0}", TableScan.Build(snapshot, schemas, new FileRanges()), StringComparison.Ordinal);
        var columns = snapshot.Schema.Fields.Select(field => new QueryColumn(field.Name, field.Type)).ToArray();
        var rows = await StatementRunner.RunAsync(connection, sql, columns, 1_000, 1 << 28, TestContext.Current.CancellationToken);
        return [.. rows.Batches.SelectMany(batch => Enumerable.Range(0, batch.Length).Select(row =>
            string.Join('|', columns.Select((column, index) => CellValue.Text(batch.Column(index), column.Type, row) ?? "NULL"))))];
    }

    [Fact]
    public async Task Files_with_other_timestamp_types_and_without_newer_columns_are_read_together_and_nothing_shifts()
    {
        var rows = await RowsAsync(Snapshot(
            Write("mixed/utc.parquet", "SELECT TIMESTAMPTZ '2015-05-17 10:00:00+00' AS \"timestamp\", 'INFO' AS level, 1::BIGINT AS n"),
            Write("mixed/local.parquet", "SELECT TIMESTAMP '2015-05-17 10:00:00' AS \"timestamp\", 'INFO' AS level, 2::BIGINT AS n"),
            Write("mixed/millis.parquet", "SELECT TIMESTAMP_MS '2015-05-17 10:00:00' AS \"timestamp\", 3::INTEGER AS n, 'extra' AS other"),
            Write("mixed/old.parquet", "SELECT TIMESTAMPTZ '2015-05-17 10:00:00+00' AS \"timestamp\"")));
        Assert.Equal(
        [
            "2015-05-17 10:00:00|2015-05-17|NULL|NULL",
            "2015-05-17 10:00:00|2015-05-17|NULL|3",
            "2015-05-17 10:00:00|2015-05-17|INFO|1",
            "2015-05-17 10:00:00|2015-05-17|INFO|2",
        ], rows);
    }

    [Fact]
    public async Task Partition_values_come_from_the_log_and_never_from_the_path()
    {
        var rows = await RowsAsync(Snapshot(
            Write("hive/date=1999-01-01/a.parquet", "SELECT TIMESTAMP '2015-05-17 10:00:00' AS \"timestamp\", 'a' AS level, 1::BIGINT AS n", "2015-05-18"),
            Write("hive/date=__HIVE_DEFAULT_PARTITION__/b.parquet", "SELECT TIMESTAMP '2015-05-17 10:00:00' AS \"timestamp\", 'b' AS level, 2::BIGINT AS n", null),
            Write("hive/date=__HIVE_DEFAULT_PARTITION__/c.parquet", "SELECT TIMESTAMP '2015-05-17 10:00:00' AS \"timestamp\", 'c' AS level, 3::BIGINT AS n", "")));
        Assert.Equal(["2015-05-17 10:00:00|NULL|b|2", "2015-05-17 10:00:00|NULL|c|3", "2015-05-17 10:00:00|2015-05-18|a|1"], rows);
    }

    [Fact]
    public async Task A_table_without_files_is_empty_and_typed() => Assert.Empty(await RowsAsync(Snapshot()));

    [Fact]
    public async Task Paths_with_quotes_and_glob_characters_are_plain()
    {
        var file = Write("odd [1]/it's*.parquet", "SELECT TIMESTAMP '2015-05-17 10:00:00' AS \"timestamp\", 'x' AS level, 1::BIGINT AS n");
        Write("odd [1]/it's-another.parquet", "SELECT TIMESTAMP '2015-05-17 10:00:00' AS \"timestamp\", 'y' AS level, 2::BIGINT AS n");
        Assert.Equal(["2015-05-17 10:00:00|2015-05-17|x|1"], await RowsAsync(Snapshot(file)));
    }

    [Fact]
    public async Task A_filter_on_the_partition_opens_no_file_of_another_partition()
    {
        var kept = Write("pruned/a.parquet", "SELECT TIMESTAMP '2015-05-17 10:00:00' AS \"timestamp\", 'a' AS level, 1::BIGINT AS n", "2015-05-17");
        var gone = Write("pruned/b.parquet", "SELECT TIMESTAMP '2015-05-18 10:00:00' AS \"timestamp\", 'b' AS level, 2::BIGINT AS n", "2015-05-18");
        Assert.Equal(["2015-05-17 10:00:00|2015-05-17|a|1"], await RowsAsync(Snapshot(kept, gone), "SELECT * FROM {0} AS t WHERE date = DATE '2015-05-17'"));
        Assert.Equal(1, await ScansAsync(Snapshot(kept, gone), "date = DATE '2015-05-17'"));
    }

    [Fact]
    public async Task A_filter_on_the_time_opens_no_file_that_ends_before()
    {
        var files = Enumerable.Range(0, 20).Select(hour => Write(
            $"hours/{hour}.parquet",
            $"SELECT TIMESTAMPTZ '2015-05-17 00:00:00.1234567+00' + INTERVAL {hour} HOUR + INTERVAL 1 MINUTE * i AS \"timestamp\", 'a' AS level, i AS n FROM range(60) t(i)",
            "2015-05-17",
            $$$"""{"numRecords":60,"minValues":{"Timestamp":"2015-05-17T{{{hour:00}}}:00:00.123Z"},"maxValues":{"Timestamp":"2015-05-17T{{{hour:00}}}:59:00.123Z"},"nullCount":{"Timestamp":0}}""")).ToArray();
        var snapshot = Snapshot(files);
        Assert.Equal(1, await ScansAsync(snapshot, "\"timestamp\" >= TIMESTAMP '2015-05-17 20:30:00' - INTERVAL 1 HOUR"));
        Assert.Equal(7, await ScansAsync(snapshot, "true"));
        Assert.Equal(30, (await RowsAsync(snapshot, "SELECT * FROM {0} AS t WHERE \"timestamp\" >= TIMESTAMP '2015-05-17 20:30:00' - INTERVAL 1 HOUR")).Length);
        Assert.Equal(1_000, (await RowsAsync(snapshot)).Length);
    }

    [Fact]
    public void A_range_is_read_only_from_whole_statistics_without_nulls()
    {
        const string whole = """{"numRecords":2,"minValues":{"timestamp":"2015-05-17T10:05:03.000Z"},"maxValues":{"timestamp":"2015-05-17T12:05:03.000+02:00"},"nullCount":{"timestamp":0}}""";
        var at = new DateTimeOffset(2015, 5, 17, 10, 5, 3, TimeSpan.Zero);
        Assert.Equal(new TimeRange(at.AddMilliseconds(-1), at.AddMilliseconds(1)), FileRanges.Read(whole, "timestamp"));
        Assert.Null(FileRanges.Read(whole.Replace("\"timestamp\":0", "\"timestamp\":1", StringComparison.Ordinal), "timestamp"));
        Assert.Null(FileRanges.Read(whole, "other"));
        Assert.Null(FileRanges.Read("{}", "timestamp"));
        Assert.Null(FileRanges.Read("{ torn", "timestamp"));
        Assert.Null(FileRanges.Read(null, "timestamp"));
    }

    /// <summary>How many calls of <c>read_parquet</c> are left of a filtered scan.</summary>
    private async Task<int> ScansAsync(TableSnapshot snapshot, string filter)
    {
        using var connection = session.Instance.Connect();
        schemas.Load(connection, snapshot, TestContext.Current.CancellationToken);
        using var command = connection.CreateCommand();
        command.CommandText = $"EXPLAIN (FORMAT json) SELECT * FROM {TableScan.Build(snapshot, schemas, new FileRanges())} AS t WHERE {filter}";
        using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        Assert.True(await reader.ReadAsync(TestContext.Current.CancellationToken));
        return reader.GetString(1).Split("\"Function\":").Length - 1;
    }

    [Fact]
    public void A_deleted_file_is_recognised()
    {
        using var connection = session.Instance.Connect();
        var file = Write("gone/a.parquet", "SELECT TIMESTAMP '2015-05-17 10:00:00' AS \"timestamp\"");
        schemas.Load(connection, Snapshot(file), TestContext.Current.CancellationToken);
        var sql = "SELECT * FROM " + TableScan.Build(Snapshot(file), schemas, new FileRanges()) + " AS t";
        File.Delete(file.Path);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        Assert.True(RuntimeErrors.IsMissingFile(Assert.ThrowsAny<Exception>(() => command.ExecuteNonQuery())));
        Assert.True(RuntimeErrors.IsMissingFile(Assert.ThrowsAny<Exception>(() => new FileSchemas().Load(connection, Snapshot(file), TestContext.Current.CancellationToken))));
    }
}
