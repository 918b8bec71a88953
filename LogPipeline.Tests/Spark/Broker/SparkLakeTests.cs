using LogPipeline.Core.Query;
using LogPipeline.Tests.EndToEnd;
using LogPipeline.Tests.Engines;
using Xunit;

namespace LogPipeline.Tests.Spark.Broker;

/// <summary>Two hosts with tables of their own on one Spark, whose catalog is one.</summary>
[Collection(SparkLakeTurns.Name)]
public sealed class SparkLakeTests(SparkConnectServer server) : IDisposable
{
    private readonly TestFolder first = new();
    private readonly TestFolder second = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        first.Dispose();
        second.Dispose();
    }

    [Fact]
    public async Task A_name_that_another_hosts_table_has_is_refused_and_never_answered_with_its_rows()
    {
        var spark = await server.GetAsync();
        await SparkLakeTurns.BeginAsync(spark);
        await using var one = new TestBroker(first.Path, At);
        await using var other = new TestBroker(second.Path, At);
        // Both sessions begin before any name is taken.
        _ = await one.Broker.GetSessionAsync(cancellationToken: Cancelled);
        _ = await other.Broker.GetSessionAsync(cancellationToken: Cancelled);
        await MakeAsync(one, first, rows: 10);
        Assert.Equal("10", await one.ValueAsync("SELECT count(*) FROM delta_lake.numbers", Cancelled));

        await MakeAsync(other, second, rows: 20);
        foreach (var sql in (string[])["SELECT count(*) FROM delta_lake.numbers", "SELECT count(*) FROM range(1), `Numbers`", "DESCRIBE numbers"])
        {
            var failure = await Assert.ThrowsAsync<QueryException>(() => other.ValueAsync(sql, Cancelled));
            Assert.Equal("TABLE_NOT_READABLE", failure.ErrorClass);
            Assert.Contains(first.Path, failure.Message, StringComparison.Ordinal);
            Assert.Contains("LogPipeline:Query:Engine=Embedded", failure.Message, StringComparison.Ordinal);
        }

        Assert.Equal("numbers", await other.ValueAsync("SELECT 'numbers'", Cancelled));
        Assert.Equal("10", await one.ValueAsync("SELECT count(*) FROM delta_lake.numbers", Cancelled));

        void At(LogPipeline.Spark.Broker.SparkOptions options) => (options.Master, options.Token) = ($"sc://127.0.0.1:{spark.Port}", spark.Token);
    }

    private static async Task MakeAsync(TestBroker broker, TestFolder folder, int rows)
    {
        var session = await broker.Broker.GetSessionAsync(cancellationToken: Cancelled);
        _ = await session.SqlAsync($"CREATE TABLE delta.`{folder.PathOf("lake/numbers")}` USING delta AS SELECT id FROM range({rows})", cancellationToken: Cancelled);
    }
}
