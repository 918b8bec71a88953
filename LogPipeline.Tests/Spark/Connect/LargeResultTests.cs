using LogPipeline.Spark.Connect;
using LogPipeline.Tests.Engines;
using Xunit;

namespace LogPipeline.Tests.Spark.Connect;

/// <summary>Results larger than the memory that they may take.</summary>
[Collection(Alone.Name)]
public sealed class LargeResultTests(SparkConnectServer server)
{
    private const long Allowed = 64 << 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_large_result_streams_in_bounded_memory()
    {
        var rows = TestScale.Of(1_000_000, 10_000_000);
        await using var session = await (await server.GetAsync()).ConnectAsync();
        var frame = await session.SqlAsync(
            $"SELECT id, id * 2 AS a, id * 3 AS b, id / 7 AS c, id % 5 AS d, hash(id) AS e, concat('user-', id) AS f, concat('/page/', id % 100) AS g, id % 2 = 0 AS h, timestamp_micros(id) AS i FROM range(0, {rows}, 1, {rows / 50_000})",
            cancellationToken: Token);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var (seen, batches, bytes, most) = (0L, 0, 0L, 0L);
        await foreach (var batch in frame.CollectAsync(cancellationToken: Token))
        {
            seen += batch.Length;
            bytes += batch.Arrays.Sum(column => column.Data.Buffers.Sum(buffer => (long)buffer.Length));
            if (batches++ % 10 == 0)
            {
                most = Math.Max(most, GC.GetTotalMemory(forceFullCollection: true) - before);
            }
        }

        Assert.Equal(rows, seen);
        Assert.True(bytes > Allowed, $"{bytes} bytes prove nothing");
        Assert.True(most < Allowed, $"{most} bytes were held of a result of {bytes}");
    }

    [Fact]
    public async Task Progress_counts_tasks_up_to_all()
    {
        await using var session = await (await server.GetAsync()).ConnectAsync();
        var reports = new List<ExecutionProgress>();
        var frame = await session.SqlAsync("SELECT sum(hash(id)) FROM range(0, 400000000, 1, 16)", cancellationToken: Token);
        Assert.Equal(1, await frame.CountRowsAsync(Token, new ExecuteOptions { Progress = new Reports(reports.Add) }));
        Assert.NotEmpty(reports);
        Assert.Contains(reports, report => report.InflightTasks > 0);
        Assert.True(reports[^1].Tasks >= 16);
        Assert.All(reports, report => Assert.InRange(report.CompletedTasks, 0, report.Tasks));
        Assert.Equal(reports.Select(report => report.CompletedTasks).Order(), reports.Select(report => report.CompletedTasks));
    }
}
