using Apache.Arrow;
using LogPipeline.Spark.Connect;
using LogPipeline.Tests.Engines;
using Xunit;

namespace LogPipeline.Tests.Spark.Connect;

/// <summary>SQL through the client on a real server.</summary>
public sealed class SqlTests(SparkConnectServer server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rows_come_as_arrow()
    {
        await using var session = await (await server.GetAsync()).ConnectAsync();
        var frame = await session.SqlAsync("SELECT id, CAST(id AS STRING) AS text FROM range(5)", cancellationToken: Token);
        var rows = new List<(long, string)>();
        await foreach (var batch in frame.CollectAsync(cancellationToken: Token))
        {
            for (var row = 0; row < batch.Length; row++)
            {
                rows.Add((((Int64Array)batch.Column("id")).GetValue(row)!.Value, ((StringArray)batch.Column("text")).GetString(row)));
            }
        }

        Assert.Equal([(0, "0"), (1, "1"), (2, "2"), (3, "3"), (4, "4")], rows.Order());
        Assert.StartsWith("4.", session.Version, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_result_without_rows_still_has_its_schema()
    {
        await using var session = await (await server.GetAsync()).ConnectAsync();
        var frame = await session.SqlAsync("SELECT id, map('a', array(struct(1 AS x))) AS m FROM range(5) WHERE id > 9", cancellationToken: Token);
        var batches = new List<RecordBatch>();
        await foreach (var batch in frame.CollectAsync(cancellationToken: Token))
        {
            batches.Add(batch);
        }

        var only = Assert.Single(batches);
        Assert.Equal(0, only.Length);
        Assert.Equal(["id", "m"], only.Schema.FieldsList.Select(field => field.Name));
    }

    [Fact]
    public async Task A_command_runs_exactly_once()
    {
        var spark = await server.GetAsync();
        await using var session = await spark.ConnectAsync();
        var path = spark.NewFolder() + "/t";
        await session.SqlAsync($"CREATE TABLE delta.`{path}` (id BIGINT) USING delta", cancellationToken: Token);
        var inserted = await session.SqlAsync($"INSERT INTO delta.`{path}` SELECT id FROM range(7)", cancellationToken: Token);
        await foreach (var batch in inserted.CollectAsync(cancellationToken: Token))
        {
            Assert.NotNull(batch);
        }

        Assert.Equal(7, await session.Read.Format("delta").Load(path).CountAsync(Token));
        Assert.Equal(2, await (await session.SqlAsync($"DESCRIBE HISTORY delta.`{path}`", cancellationToken: Token)).CountAsync(Token));
    }
}
