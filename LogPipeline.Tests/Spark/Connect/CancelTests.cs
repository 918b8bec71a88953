using LogPipeline.Spark.Connect;
using LogPipeline.Tests.Engines;
using Xunit;

namespace LogPipeline.Tests.Spark.Connect;

/// <summary>Stopping one query, and nothing else.</summary>
public sealed class CancelTests(SparkConnectServer server)
{
    private const string Endless = "SELECT max(hash(a.id * b.id)) FROM range(10000000) a CROSS JOIN range(10000000) b";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cancelled_query_stops_on_the_server()
    {
        await using var session = await (await server.GetAsync()).ConnectAsync();
        var frame = await session.SqlAsync(Endless, cancellationToken: Token);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var options = new ExecuteOptions { OperationId = Guid.NewGuid().ToString(), Progress = new OnceRunning(cancel.Cancel) };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => frame.CountRowsAsync(cancel.Token, options));
        Assert.False(Token.IsCancellationRequested);
        Assert.False(await session.InterruptOperationAsync(options.OperationId, Token), "The operation still runs");
        await AssertCoresAreFreeAsync(session);
    }

    [Fact]
    public async Task An_operation_is_interrupted_by_its_id()
    {
        await using var session = await (await server.GetAsync()).ConnectAsync();
        var frame = await session.SqlAsync(Endless, cancellationToken: Token);
        var running = new TaskCompletionSource();
        var options = new ExecuteOptions { OperationId = Guid.NewGuid().ToString(), Progress = new OnceRunning(() => running.TrySetResult()) };
        var counting = frame.CountRowsAsync(Token, options);
        await Task.WhenAny(running.Task, counting);
        Assert.True(await session.InterruptOperationAsync(options.OperationId, Token));
        var error = await Assert.ThrowsAsync<SparkException>(() => counting);
        Assert.Equal("OPERATION_CANCELED", error.ErrorClass);
        Assert.Equal("HY008", error.SqlState);
        await AssertCoresAreFreeAsync(session);
    }

    [Fact]
    public async Task A_reader_that_leaves_stops_the_query()
    {
        await using var session = await (await server.GetAsync()).ConnectAsync();
        var frame = await session.SqlAsync("SELECT id FROM range(0, 40000000, 1, 40)", cancellationToken: Token);
        var options = new ExecuteOptions { OperationId = Guid.NewGuid().ToString() };
        await foreach (var batch in frame.CollectAsync(options, Token))
        {
            Assert.True(batch.Length > 0);
            break;
        }

        Assert.False(await session.InterruptOperationAsync(options.OperationId, Token), "The operation still runs");
        await AssertCoresAreFreeAsync(session);
    }

    // The endless query takes both cores of the server: another one ends only when it is really gone.
    private static async Task AssertCoresAreFreeAsync(SparkSession session) =>
        Assert.Equal(1_000, await (await session.SqlAsync("SELECT id FROM range(0, 1000, 1, 2)", cancellationToken: Token)).CountRowsAsync(Token));

    private sealed class OnceRunning(Action action) : IProgress<ExecutionProgress>
    {
        public void Report(ExecutionProgress value)
        {
            if (value.InflightTasks > 0)
            {
                action();
            }
        }
    }
}
