using Apache.Arrow;
using Grpc.Core;
using LogPipeline.Spark.Connect;
using LogPipeline.Spark.Connect.Protocol;
using LogPipeline.Tests.Engines;
using Xunit;

namespace LogPipeline.Tests.Spark.Connect;

/// <summary>Executions outlive their connection: nothing is lost, run or returned twice.</summary>
public sealed class ReattachTests(SparkConnectServer server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_result_survives_connections_that_break_in_the_middle()
    {
        var spark = await server.GetAsync();
        await using var proxy = new CuttingProxy(spark.Port);
        await using var session = await SparkSession.Builder().Remote(spark.RemoteAt(proxy.Port)).CreateAsync(Token);
        var frame = await session.SqlAsync("SELECT id FROM range(0, 2000000, 1, 8)", cancellationToken: Token);
        proxy.CutAfterBytes = 5 << 20;
        var next = 0L;
        await foreach (var batch in frame.CollectAsync(cancellationToken: Token))
        {
            foreach (var id in ((Int64Array)batch.Column(0)).Values)
            {
                Assert.Equal(next++, id);
            }
        }

        Assert.Equal(2_000_000, next);
        Assert.True(proxy.Cuts >= 2, $"Only {proxy.Cuts} connections broke");
    }

    [Fact]
    public async Task A_command_whose_connection_breaks_is_not_run_again()
    {
        var spark = await server.GetAsync();
        await using var proxy = new CuttingProxy(spark.Port);
        await using var session = await SparkSession.Builder().Remote(spark.RemoteAt(proxy.Port)).CreateAsync(Token);
        var path = spark.NewFolder() + "/t";
        await session.SqlAsync($"CREATE TABLE delta.`{path}` (id BIGINT) USING delta", cancellationToken: Token);
        var isCut = 0;
        var options = new ExecuteOptions { Progress = new Reports(_ => Cut()) };
        await session.SqlAsync($"INSERT INTO delta.`{path}` SELECT id FROM range(0, 4000000, 1, 4) WHERE hash(id) <> 7", options: options, cancellationToken: Token);
        Assert.Equal(1, isCut);
        Assert.Equal(2, await (await session.SqlAsync($"DESCRIBE HISTORY delta.`{path}`", cancellationToken: Token)).CountAsync(Token));

        void Cut()
        {
            if (Interlocked.Exchange(ref isCut, 1) == 0)
            {
                proxy.Cut();
            }
        }
    }

    [Fact]
    public async Task A_command_that_never_arrived_is_sent_again()
    {
        var spark = await server.GetAsync();
        await using var proxy = new CuttingProxy(spark.Port);
        await using var session = await SparkSession.Builder().Remote(spark.RemoteAt(proxy.Port)).CreateAsync(Token);
        proxy.Cut(refuseNext: 2);
        Assert.Equal(3, await (await session.SqlAsync("SELECT id FROM range(3)", cancellationToken: Token)).CountRowsAsync(Token));
        Assert.Equal(3, proxy.Cuts);
    }

    [Fact]
    public async Task A_read_result_is_released_on_the_server()
    {
        await using var session = await (await server.GetAsync()).ConnectAsync();
        var frame = await session.SqlAsync("SELECT id FROM range(3)", cancellationToken: Token);
        var options = new ExecuteOptions { OperationId = Guid.NewGuid().ToString() };
        Assert.Equal(3, await frame.CountRowsAsync(Token, options));
        RpcException? gone = null;
        while (gone is null)
        {
            try
            {
                using var call = session.Client.Reattach(session.Handle, new ReattachExecuteRequest { OperationId = options.OperationId }, Token);
                while (await call.ResponseStream.MoveNext(Token))
                {
                }
            }
            catch (RpcException error) when (error.Status.Detail.Contains("INVALID_CURSOR.DISCONNECTED", StringComparison.Ordinal))
            {
                // Released in this very moment: the next try finds it gone.
            }
            catch (RpcException error)
            {
                gone = error;
            }
        }

        Assert.Matches("OPERATION_NOT_FOUND|OPERATION_ABANDONED", gone.Status.Detail);
    }

    [Fact]
    public async Task A_server_out_of_reach_is_said_after_the_retries()
    {
        var retry = new RetryPolicy { MaxRetries = 3, InitialBackoff = TimeSpan.FromMilliseconds(1) };
        var error = await Assert.ThrowsAsync<SparkConnectionException>(() => SparkSession.Builder().Remote("sc://127.0.0.1:1").Retry(retry).CreateAsync(Token));
        Assert.False(error.IsUnauthenticated);
    }

    [Fact]
    public void Waits_grow_fourfold_to_a_minute()
    {
        var waits = Enumerable.Range(0, 16).Select(RetryPolicy.Default.BackoffBefore).Select(wait => wait?.TotalMilliseconds).ToList();
        Assert.Equal([50, 200, 800, 3_200, 12_800, 51_200, 60_000], waits.Take(7));
        Assert.Equal(60_000, waits[14]);
        Assert.Null(waits[15]);
    }
}
