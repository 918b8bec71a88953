using Apache.Arrow;
using LogPipeline.Spark.Connect;
using LogPipeline.Tests.Engines;
using Xunit;

namespace LogPipeline.Tests.Spark.Connect;

/// <summary>Data frames, tables and configuration.</summary>
public sealed class TableTests(SparkConnectServer server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rows_are_written_to_delta_and_read_back()
    {
        var spark = await server.GetAsync();
        await using var session = await spark.ConnectAsync();
        var path = spark.NewFolder() + "/t";
        var rows = await session.SqlAsync("SELECT id, id % 3 AS part FROM range(9)", cancellationToken: Token);
        await rows.Write.Format("delta").PartitionBy("part").SaveAsync(path, cancellationToken: Token);
        await rows.Write.Format("delta").Mode(SaveMode.Append).SaveAsync(path, cancellationToken: Token);
        await rows.Write.Format("delta").Mode(SaveMode.Ignore).SaveAsync(path, cancellationToken: Token);
        var again = await Assert.ThrowsAsync<SparkException>(() => rows.Write.Format("delta").SaveAsync(path, cancellationToken: Token));
        Assert.Equal("DELTA_PATH_EXISTS", again.ErrorClass);
        Assert.True(Directory.Exists(path + "/part=0"));

        var table = session.Read.Format("delta").Load(path);
        Assert.Equal(18, await table.CountAsync(Token));
        var first = session.Read.Format("delta").Option("versionAsOf", "0").Load(path);
        Assert.Equal(9, await first.CountAsync(Token));
        var sums = table.WithColumn("twice", "id * 2").Where("part > 0").GroupBy("part").Agg("sum(twice) AS total").SelectExpr("part", "total").Limit(10);
        var found = new SortedDictionary<long, long?>();
        await foreach (var batch in sums.CollectAsync(cancellationToken: Token))
        {
            for (var row = 0; row < batch.Length; row++)
            {
                found[((Int64Array)batch.Column("part")).GetValue(row)!.Value] = ((Int64Array)batch.Column("total")).GetValue(row);
            }
        }

        Assert.Equal([1, 2], found.Keys);
        Assert.Equal([48, 60], found.Values);
        Assert.Contains("Relation", await sums.ExplainAsync(ExplainMode.Extended, Token), StringComparison.Ordinal);
        Assert.Contains("== Physical Plan ==", await sums.ExplainAsync(cancellationToken: Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_at_a_path_gets_a_name()
    {
        var spark = await server.GetAsync();
        await using var session = await spark.ConnectAsync();
        var path = spark.NewFolder() + "/it's here";
        await session.Catalog.CreateDatabaseAsync("named", Token);
        Assert.Equal("default", await session.Catalog.CurrentDatabaseAsync(Token));
        Assert.False(await session.Catalog.TableExistsAsync("named.events", Token));
        await session.Catalog.CreateTableAsync("named.events", path, schema: "id BIGINT, what STRING", cancellationToken: Token);
        Assert.True(await session.Catalog.TableExistsAsync("named.events", Token));
        await (await session.SqlAsync("SELECT 1L AS id, 'a' AS what", cancellationToken: Token)).Write.InsertIntoAsync("named.events", cancellationToken: Token);
        Assert.Equal(1, await session.Table("named.events").CountAsync(Token));
        Assert.Equal([new CatalogTable("named", "events", false)], await session.Catalog.ListTablesAsync("named", Token));

        await session.Table("named.events").CreateOrReplaceTempViewAsync("mine", Token);
        Assert.Contains(new CatalogTable("", "mine", true), await session.Catalog.ListTablesAsync(cancellationToken: Token));
        await session.Catalog.DropTempViewAsync("mine", Token);
        Assert.False(await session.Catalog.TableExistsAsync("mine", Token));

        await session.Catalog.SetCurrentDatabaseAsync("named", Token);
        Assert.True(await session.Catalog.TableExistsAsync("events", Token));
        await session.Catalog.DropTableAsync("events", Token);
        Assert.False(await session.Catalog.TableExistsAsync("named.events", Token));
        Assert.Equal(1, await session.Read.Format("delta").Load(path).CountAsync(Token));
    }

    [Fact]
    public async Task A_frame_is_shown_as_a_table()
    {
        await using var session = await (await server.GetAsync()).ConnectAsync();
        await using var output = new StringWriter();
        await (await session.SqlAsync("SELECT 1 AS a, 'x' AS b", cancellationToken: Token)).ShowAsync(output: output, cancellationToken: Token);
        Assert.Equal("+---+---+\n|  a|  b|\n+---+---+\n|  1|  x|\n+---+---+\n\n".TrimEnd(), output.ToString().TrimEnd());
    }

    [Fact]
    public async Task Configuration_is_the_sessions_own()
    {
        var spark = await server.GetAsync();
        await using var session = await SparkSession.Builder().Remote(spark.Remote).Config("spark.sql.shuffle.partitions", "7").CreateAsync(Token);
        await using var other = await spark.ConnectAsync();
        Assert.Equal("7", await session.Conf.GetAsync("spark.sql.shuffle.partitions", Token));
        await session.Conf.SetAsync("spark.sql.shuffle.partitions", "3", Token);
        Assert.Equal("3", await session.Conf.GetAsync("spark.sql.shuffle.partitions", Token));
        Assert.Equal("2", await other.Conf.GetAsync("spark.sql.shuffle.partitions", Token));
        await session.Conf.UnsetAsync("spark.sql.shuffle.partitions", Token);
        Assert.NotEqual("3", await session.Conf.GetAsync("spark.sql.shuffle.partitions", Token));
        Assert.Null(await session.Conf.GetAsync("no.such.key", Token));
        Assert.Equal("2", (await other.Conf.GetAllAsync("spark.sql.shuffle.", Token))["spark.sql.shuffle.partitions"]);
        await Assert.ThrowsAsync<SparkException>(() => session.Conf.SetAsync("spark.sql.catalogImplementation", "hive", Token));
    }

    [Fact]
    public async Task The_process_shares_one_session_until_it_is_stopped()
    {
        var remote = (await server.GetAsync()).Remote + ";user_id=shared";
        var first = await SparkSession.Builder().Remote(remote).GetOrCreateAsync(Token);
        Assert.Same(first, await SparkSession.Builder().Remote(remote).GetOrCreateAsync(Token));
        await first.StopAsync(Token);
        await using var second = await SparkSession.Builder().Remote(remote).GetOrCreateAsync(Token);
        Assert.NotEqual(first.SessionId, second.SessionId);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => first.RecreateAsync(cancellationToken: Token));
    }
}
