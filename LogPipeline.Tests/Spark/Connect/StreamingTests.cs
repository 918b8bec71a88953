using LogPipeline.Spark.Connect;
using LogPipeline.Tests.Engines;
using Xunit;

namespace LogPipeline.Tests.Spark.Connect;

/// <summary>Streaming queries on a real server.</summary>
public sealed class StreamingTests(SparkConnectServer server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_query_lives_from_start_to_stop()
    {
        await using var session = await (await server.GetAsync()).ConnectAsync();
        var rate = session.ReadStream.Format("rate").Option("rowsPerSecond", "100").Load();
        Assert.True(await rate.IsStreamingAsync(Token));
        var query = await rate.WriteStream.Format("memory").QueryName("life").OutputMode(OutputMode.Append).Trigger(Trigger.ProcessingTime(TimeSpan.FromMilliseconds(100))).StartAsync(cancellationToken: Token);
        try
        {
            Assert.Equal("life", query.Name);
            Assert.Null(await query.ExceptionAsync(Token));
            Assert.True((await query.StatusAsync(Token)).IsActive);
            Assert.Equal([query.Id], (await session.Streams.ActiveAsync(Token)).Select(one => one.Id));
            Assert.Equal(query.RunId, (await session.Streams.GetAsync(query.Id, Token))?.RunId);
            Assert.False(await query.AwaitTerminationAsync(TimeSpan.FromMilliseconds(10), Token));

            var progress = await UntilRowsAsync(query);
            Assert.Equal((query.Id, query.RunId, "life"), (progress.Id, progress.RunId, progress.Name));
            Assert.True(progress.BatchDuration > TimeSpan.Zero);
            Assert.True(progress.Durations["addBatch"] <= progress.BatchDuration);
            Assert.Contains("rate", Assert.Single(progress.Sources).Description, StringComparison.OrdinalIgnoreCase);
            Assert.InRange(TimeProvider.System.GetUtcNow() - progress.Timestamp, TimeSpan.Zero, TimeSpan.FromMinutes(5));
            Assert.Contains("Scan", await query.ExplainAsync(cancellationToken: Token), StringComparison.Ordinal);
            Assert.True(await session.Table("life").CountAsync(Token) > 0);
        }
        finally
        {
            await query.StopAsync(Token);
        }

        Assert.True(await query.AwaitTerminationAsync(TimeSpan.FromSeconds(30), Token));
        Assert.Empty(await session.Streams.ActiveAsync(Token));
        Assert.Null(await session.Streams.GetAsync(query.Id, Token));
    }

    [Fact]
    public async Task Sql_over_a_streaming_view_goes_to_delta_exactly_once()
    {
        var spark = await server.GetAsync();
        await using var session = await spark.ConnectAsync();
        var folder = spark.NewFolder();
        Directory.CreateDirectory(folder + "/in");
        await File.WriteAllLinesAsync(folder + "/in/1.json", ["{\"id\":1,\"at\":\"2024-02-29T12:00:00Z\"}", "{\"id\":2,\"at\":\"2024-02-29T12:01:00Z\"}"], Token);
        await session.ReadStream.Format("json").Schema("id BIGINT, at TIMESTAMP").Load(folder + "/in").WithWatermark("at", "10 minutes")
            .CreateOrReplaceTempViewAsync("incoming", Token);

        var first = await StartAsync();
        Assert.True(await first.AwaitTerminationAsync(TimeSpan.FromMinutes(2), Token));
        await File.WriteAllTextAsync(folder + "/in/2.json", "{\"id\":3,\"at\":\"2024-02-29T12:02:00Z\"}\n", Token);
        var second = await StartAsync();
        Assert.True(await second.AwaitTerminationAsync(TimeSpan.FromMinutes(2), Token));

        Assert.Equal(first.Id, second.Id);
        Assert.Equal(new DateTimeOffset(2024, 2, 29, 11, 51, 0, TimeSpan.Zero), (await second.RecentProgressAsync(Token))[^1].Watermark);
        Assert.NotEqual(first.RunId, second.RunId);
        var table = session.Read.Format("delta").Load(folder + "/out");
        Assert.Equal(3, await table.CountAsync(Token));
        Assert.Equal(["id", "at", "day"], (await table.SchemaAsync(Token)).Fields.Select(field => field.Name));
        Assert.Equal(1, await table.Where("day = DATE'2024-02-29'").GroupBy("day").Agg("count(*) AS n").Where("n = 3").CountAsync(Token));

        async Task<StreamingQuery> StartAsync()
        {
            var rows = await session.SqlAsync("SELECT id, at, CAST(at AS DATE) AS day FROM incoming", cancellationToken: Token);
            return await rows.WriteStream.Format("delta").Option("checkpointLocation", folder + "/checkpoint").PartitionBy("day").Trigger(Trigger.AvailableNow()).StartAsync(folder + "/out", Token);
        }
    }

    [Fact]
    public async Task A_failed_query_says_why()
    {
        await using var session = await (await server.GetAsync()).ConnectAsync();
        await session.ReadStream.Format("rate").Option("rowsPerSecond", "1000").Load().CreateOrReplaceTempViewAsync("numbers", Token);
        var rows = await session.SqlAsync("SELECT 1 / (value - 5) AS x FROM numbers", cancellationToken: Token);
        var query = await rows.WriteStream.Format("noop").StartAsync(cancellationToken: Token);
        var thrown = await Assert.ThrowsAsync<SparkException>(() => query.AwaitTerminationAsync(TimeSpan.FromMinutes(2), Token));
        Assert.Contains("Division by zero", thrown.ToString(), StringComparison.Ordinal);
        var exception = await query.ExceptionAsync(Token);
        Assert.NotNull(exception);
        Assert.Equal("STREAM_FAILED", exception.ErrorClass);
        Assert.Contains("Division by zero", exception.Message, StringComparison.Ordinal);
        Assert.False((await query.StatusAsync(Token)).IsActive);
    }

    [Fact]
    public async Task Cancelling_a_query_leaves_a_streaming_query_alone()
    {
        await using var session = await (await server.GetAsync()).ConnectAsync();
        var query = await session.ReadStream.Format("rate").Option("rowsPerSecond", "100").Load()
            .WriteStream.Format("noop").Trigger(Trigger.ProcessingTime(TimeSpan.FromMilliseconds(200))).StartAsync(cancellationToken: Token);
        try
        {
            var frame = await session.SqlAsync("SELECT id FROM range(0, 40000000, 1, 40)", cancellationToken: Token);
            await foreach (var batch in frame.CollectAsync(cancellationToken: Token))
            {
                Assert.True(batch.Length > 0);
                break;
            }

            var before = (await UntilRowsAsync(query)).BatchId;
            while (((await query.LastProgressAsync(Token))?.BatchId ?? 0) <= before)
            {
                await Task.Delay(50, Token);
            }

            Assert.True((await query.StatusAsync(Token)).IsActive);
        }
        finally
        {
            await query.StopAsync(Token);
        }
    }

    private static async Task<StreamingQueryProgress> UntilRowsAsync(StreamingQuery query)
    {
        while (true)
        {
            if (await query.LastProgressAsync(Token) is { NumInputRows: > 0 } progress)
            {
                return progress;
            }

            await Task.Delay(50, Token);
        }
    }
}
