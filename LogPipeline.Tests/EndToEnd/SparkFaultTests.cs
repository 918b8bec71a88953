using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using LogPipeline.Tests.Engines;
using LogPipeline.Tests.Spark.Broker;
using Xunit;

namespace LogPipeline.Tests.EndToEnd;

/// <summary>Kafka, Spark, its session and the host, each killed, stalled or taken away while Spark streams and answers: every event is stored exactly once, and queries that ran meanwhile say what happened.</summary>
/// <remarks>One host and one broker live through all of it, because each start of Spark takes as long as most of the faults.</remarks>
[Collection(Alone.Name)]
public sealed class SparkFaultTests(ITestOutputHelper output)
{
    /// <summary>In many short tasks, as a scan of a large table has.</summary>
    private const string Endless = "SELECT sum(hash(id)) AS n FROM range(0, 40000000000, 1, 20000)";
    private static readonly int Batch = TestScale.Of(1_000, 2_000);
    private static readonly int Backlog = TestScale.Of(1_000, 5_000);
    private static readonly TimeSpan GoneWithin = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_happens_to_spark_kafka_or_the_host_costs_no_event_and_doubles_none()
    {
        await using var cluster = await KafkaServer.StartPrivateAsync();
        await using var host = await SparkStreamHost.StartAsync(cluster, $"Spark:Streaming:MaxOffsetsPerTrigger={2 * Batch}");
        await host.FlowsAsync();
        for (var round = 0; round < TestScale.Of(1, 2); round++)
        {
            await StepAsync(host, "queries that are cancelled or too slow", QueriesEndAloneAsync);
            await StepAsync(host, "the session is ended by somebody else", SessionEndedAsync);
            await StepAsync(host, "server and broker stand still", one => NetworkStalledAsync(one, cluster.Nodes[0]));
            await StepAsync(host, "the broker is killed", one => BrokerKilledAsync(one, cluster.Nodes[0]));
            await StepAsync(host, "the server is killed in the middle of a batch and of a query", ServerKilledAsync);
            await StepAsync(host, "host and server are killed", HostAndServerKilledAsync);
            await StepAsync(host, "the host is killed", HostKilledAsync);
        }

        await host.AssertStoredOnceAsync();
        Assert.Equal(host.Good, await host.TotalAsync("1h"));
        var recent = await host.TotalAsync("15min");
        Assert.InRange(await host.TotalOfEventStreamAsync(), 1, recent);
        await StepAsync(host, "retention takes what is not stored", one => RetentionPassesAsync(one, cluster));
        await host.AssertStoredOnceAsync();

        var server = host.Server;
        Assert.Equal(0, await host.Process.InterruptAsync());
        await Processes.UntilGoneAsync(server, GoneWithin, Token);
        Assert.Empty(host.Servers);
    }

    private async Task StepAsync(SparkStreamHost host, string what, Func<SparkStreamHost, Task> fault)
    {
        var watch = Stopwatch.StartNew();
        await fault(host);
        await host.FlowsAsync();
        await host.SessionAsync(host.Server);
        output.WriteLine($"{what}: {watch.Elapsed.TotalSeconds:0.0} s");
    }

    /// <summary>Only a query ends: neither a long query, nor its end, nor any crowd of queries and pages touches what streams, or starts another server.</summary>
    private static async Task QueriesEndAloneAsync(SparkStreamHost host)
    {
        var (server, run) = (host.Server, await host.RunAsync());
        var session = await host.SessionAsync(server);
        var (status, answer) = await host.Process.AskAsync(new { query = Endless, timeoutSeconds = 2 }, Token);
        Assert.Equal((HttpStatusCode.RequestTimeout, "QUERY_TIMEOUT"), (status, answer.RootElement.GetProperty("errorClass").GetString()));
        using (var leaving = CancellationTokenSource.CreateLinkedTokenSource(Token))
        {
            var running = host.Process.AskAsync(new { query = Endless, timeoutSeconds = 600 }, leaving.Token);
            await UntilQueryRunsAsync(host, running);
            await host.FlowsAsync();
            Assert.False(running.IsCompleted, "The query ended by itself");
            await leaving.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        }

        await host.HealthAsync(health => Running(health) == "0", "the query that nobody waits for has ended");
        var pages = Enumerable.Range(0, 4).Select(_ => host.Process.Client.GetStringAsync(new Uri("/query", UriKind.Relative), Token));
        var queries = Enumerable.Range(0, 8).Select(_ => host.NumberAsync("SELECT count(*) AS n FROM delta_lake.logs"));
        await Task.WhenAll([.. pages, .. queries]);
        await host.FlowsAsync();
        Assert.Equal((server, session, run), (host.Server, await host.SessionAsync(server), await host.RunAsync()));
    }

    private static async Task SessionEndedAsync(SparkStreamHost host)
    {
        var (server, run) = (host.Server, await host.RunAsync());
        var session = await host.SessionAsync(server);
        await host.ProduceIntoBatchAsync(Backlog);
        await host.ReleaseSessionAsync(session);
        await host.HealthAsync(health => health.GetProperty("spark").GetProperty("sessionId").GetString() is { } other && other != session, "another session");
        await host.FlowsAsync();
        Assert.NotEqual(run, await host.RunAsync());
        Assert.Equal(server, host.Server);
    }

    /// <summary>Nobody answers and no connection ends, as behind a network that stands still. A server that comes back keeps session and query, so it is not replaced.</summary>
    private static async Task NetworkStalledAsync(SparkStreamHost host, KafkaNode node)
    {
        var (server, run) = (host.Server, await host.RunAsync());
        var session = await host.SessionAsync(server);
        await host.ProduceIntoBatchAsync(Backlog);
        Processes.Signal(server, "STOP");
        try
        {
            await host.HealthAsync(health => health.GetProperty("spark").GetProperty("state").GetString() == "connecting", "health says that Spark does not answer");
            await node.PauseAsync();
            await UntilBrokersAreAsync(host, "disconnected");
            await Task.Delay(Stall, Token);
        }
        finally
        {
            await node.ResumeAsync();
            Processes.Signal(server, "CONT");
        }

        await UntilBrokersAreAsync(host, "connected");
        await host.FlowsAsync();
        Assert.Equal((server, session, run), (host.Server, await host.SessionAsync(server), await host.RunAsync()));
    }

    private static async Task BrokerKilledAsync(SparkStreamHost host, KafkaNode node)
    {
        var (server, rows) = (host.Server, host.Good);
        await host.ProduceIntoBatchAsync(Backlog);
        await node.KillAsync();
        await UntilBrokersAreAsync(host, "disconnected");

        // Tasks of the batch may hold every core until Spark gives up waiting for the broker, after two minutes.
        await host.UntilNumberAsync("SELECT count(*) AS n FROM delta_lake.logs", stored => stored >= rows && stored <= host.Good, "a query is answered without the broker");
        await node.StartAsync();
        await UntilBrokersAreAsync(host, "connected");
        Assert.Equal(server, host.Server);
    }

    private static async Task ServerKilledAsync(SparkStreamHost host)
    {
        var running = host.Process.AskAsync(new { query = Endless, timeoutSeconds = 600 }, Token);
        await UntilQueryRunsAsync(host, running);
        await host.ProduceIntoBatchAsync(Backlog);
        Assert.False(running.IsCompleted, "The query ended by itself");
        Processes.Kill(host.Server);
        var (status, answer) = await running.WaitAsync(GoneWithin, Token);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "SPARK_CONNECTION_LOST"), (status, answer.RootElement.GetProperty("errorClass").GetString()));
        Assert.Contains("run the query once more", answer.RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private static async Task HostAndServerKilledAsync(SparkStreamHost host)
    {
        var server = host.Server;
        await host.ProduceIntoBatchAsync(Backlog);
        Processes.Kill(server);
        Processes.Kill(host.Process.Id);
        await Processes.UntilGoneAsync(host.Process.Id, GoneWithin, Token);
        await host.Process.StartAgainAsync();
    }

    /// <summary>Nothing is left of Spark when its host is killed.</summary>
    private static async Task HostKilledAsync(SparkStreamHost host)
    {
        var server = host.Server;
        await host.ProduceIntoBatchAsync(Backlog);
        Processes.Kill(host.Process.Id);
        await Processes.UntilGoneAsync(server, GoneWithin, Token);
        Assert.Empty(host.Servers);
        await host.Process.StartAgainAsync();
    }

    /// <summary>What a topic lost before it was stored is a gap that is counted and named, and the rest is stored.</summary>
    private static async Task RetentionPassesAsync(SparkStreamHost host, KafkaCluster cluster)
    {
        var server = host.Server;
        Processes.Signal(server, "STOP");
        var gone = Enumerable.Range(0, 400).Select(_ => new Message<string?, byte[]?> { Value = "{\"source\":\"gone\",\"message\":\"x\"}"u8.ToArray() });
        cluster.Produce(host.Topic, gone, partition: 1);
        var end = (await cluster.Admin.ListOffsetsAsync([new() { TopicPartition = new TopicPartition(host.Topic, 1), OffsetSpec = OffsetSpec.Latest() }])).ResultInfos[0].TopicPartitionOffsetError.Offset;
        await cluster.Admin.DeleteRecordsAsync([new TopicPartitionOffset(host.Topic, 1, end)]);
        Processes.Signal(server, "CONT");
        await host.FlowsAsync();

        Assert.Equal(0, await host.NumberAsync("SELECT count(*) AS n FROM delta_lake.logs WHERE source = 'gone'"));
        var (gaps, error) = await host.HealthAsync(
            _ => true, health => (health.GetProperty("writer").GetProperty("gaps").GetInt64(), health.GetProperty("writer").GetProperty("lastError").GetString()), "health answers");
        Assert.Equal(400, gaps);
        Assert.Contains("not available in Kafka any more", error, StringComparison.Ordinal);
        Assert.DoesNotContain("Logical Plan", error, StringComparison.Ordinal);
        await host.HealthAsync(health => health.GetProperty("conservation").GetProperty("difference").GetInt64() == 400, "what is lost is the difference");
        Assert.Equal(server, host.Server);
    }

    /// <summary>Waits until a query runs in Spark: the host has begun it, and one that it began later has ended.</summary>
    private static async Task UntilQueryRunsAsync(SparkStreamHost host, Task running)
    {
        await host.HealthAsync(health => running.IsCompleted || Running(health) == "1", "the query runs");
        Assert.False(running.IsCompleted, "The query ended by itself");
        Assert.Equal(1, await host.NumberAsync("SELECT 1 AS n"));
    }

    private static Task UntilBrokersAreAsync(SparkStreamHost host, string state) =>
        host.HealthAsync(health => health.GetProperty("kafka").GetProperty("state").GetString() == state, $"the brokers are {state}");

    private static string? Running(JsonElement health) =>
        health.GetProperty("stages").EnumerateArray().Single(stage => stage.GetProperty("name").GetString() == "Query").GetProperty("figures").GetProperty("running").GetString();
}
