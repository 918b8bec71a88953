using System.Net;
using System.Text.Json;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using LogPipeline.Tests.Engines;
using LogPipeline.Tests.Spark.Broker;
using Xunit;

namespace LogPipeline.Tests.EndToEnd;

/// <summary>Kafka, Spark, its session and the host, each killed, stalled or taken away while Spark streams and answers: every event is stored exactly once, and queries that ran meanwhile say what happened.</summary>
[Collection(Alone.Name)]
public sealed class SparkFaultTests(ITestOutputHelper output)
{
    private const string Endless = "SELECT sum(hash(id)) AS n FROM range(1000000000000)";
    private static readonly TimeSpan GoneWithin = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(TestScale.Of(10, 30));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_happens_to_spark_kafka_or_the_host_costs_no_event_and_doubles_none()
    {
        await using var cluster = await KafkaServer.StartPrivateAsync();
        await using var host = await SparkStreamHost.StartAsync(cluster);
        await host.FlowsAsync();
        for (var round = 0; round < TestScale.Of(1, 3); round++)
        {
            await StepAsync(host, "queries that are cancelled or too slow", QueriesEndAloneAsync);
            await StepAsync(host, "the server is killed in the middle of a query", ServerKilledInQueryAsync);
            await StepAsync(host, "the session is ended by somebody else", SessionEndedAsync);
            await StepAsync(host, "the server stands still", ServerStalledAsync);
            await StepAsync(host, "the broker stands still", one => BrokerStalledAsync(one, cluster.Nodes[0]));
            await StepAsync(host, "the broker is killed", one => BrokerKilledAsync(one, cluster.Nodes[0]));
            await StepAsync(host, "host and server are killed", HostAndServerKilledAsync);
            await StepAsync(host, "the host is killed", HostKilledAsync);
        }

        await host.AssertStoredOnceAsync();
        var server = host.Server;
        Assert.Equal(0, await host.Process.InterruptAsync());
        await Processes.UntilGoneAsync(server, GoneWithin, Token);
        Assert.Empty(host.Servers);
    }

    [Fact]
    public async Task What_retention_took_while_spark_stood_still_is_a_gap_and_the_rest_is_stored()
    {
        await using var cluster = await KafkaServer.StartPrivateAsync();
        await using var host = await SparkStreamHost.StartAsync(cluster);
        await host.FlowsAsync();
        var server = host.Server;
        Processes.Signal(server, "STOP");
        var gone = Enumerable.Range(0, 400).Select(number => new Message<string?, byte[]?> { Value = "{\"source\":\"gone\",\"message\":\"x\"}"u8.ToArray() });
        cluster.Produce(host.Topic, gone, partition: 1);
        var end = (await cluster.Admin.ListOffsetsAsync([new() { TopicPartition = new TopicPartition(host.Topic, 1), OffsetSpec = OffsetSpec.Latest() }])).ResultInfos[0].TopicPartitionOffsetError.Offset;
        await cluster.Admin.DeleteRecordsAsync([new TopicPartitionOffset(host.Topic, 1, end)]);
        host.Produce(1_000);
        Processes.Signal(server, "CONT");

        await host.AssertStoredOnceAsync();
        Assert.Equal(0, await host.NumberAsync("SELECT count(*) AS n FROM delta_lake.logs WHERE source = 'gone'"));
        Assert.Equal(400, await host.HealthAsync(_ => true, health => health.GetProperty("writer").GetProperty("gaps").GetInt64(), "health answers"));
        var error = await host.HealthAsync(_ => true, health => health.GetProperty("writer").GetProperty("lastError").GetString(), "health answers");
        Assert.Contains("not available in Kafka any more", error, StringComparison.Ordinal);
        Assert.DoesNotContain("Logical Plan", error, StringComparison.Ordinal);
        await host.HealthAsync(health => health.GetProperty("conservation").GetProperty("difference").GetInt64() == 400, _ => true, "what is lost is the difference");
        Assert.Equal(server, host.Server);
    }

    private async Task StepAsync(SparkStreamHost host, string what, Func<SparkStreamHost, Task> fault)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        await fault(host);
        await host.FlowsAsync();
        await host.SessionAsync(host.Server);
        output.WriteLine($"{what}: {watch.Elapsed.TotalSeconds:0.0} s");
    }

    /// <summary>Only a query ends: neither its end nor any crowd of queries and pages touches what streams, or starts another server.</summary>
    private static async Task QueriesEndAloneAsync(SparkStreamHost host)
    {
        var (server, run) = (host.Server, await host.RunAsync());
        var session = await host.SessionAsync(server);
        var (status, answer) = await host.AskAsync(new { query = Endless, timeoutSeconds = 3 });
        Assert.Equal((HttpStatusCode.RequestTimeout, "QUERY_TIMEOUT"), (status, answer.RootElement.GetProperty("errorClass").GetString()));
        using (var leaving = new CancellationTokenSource())
        {
            var running = host.AskAsync(new { query = Endless, timeoutSeconds = 600 }, leaving.Token);
            await UntilQueryRunsAsync(host, running);
            await leaving.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        }

        await host.HealthAsync(health => Running(health) == "0", _ => true, "the query that nobody waits for has ended");
        var pages = Enumerable.Range(0, 4).Select(_ => host.Process.Client.GetStringAsync(new Uri("/query", UriKind.Relative), Token));
        var queries = Enumerable.Range(0, 8).Select(_ => host.NumberAsync("SELECT count(*) AS n FROM delta_lake.logs"));
        await Task.WhenAll([.. pages, .. queries]);
        await host.FlowsAsync();
        Assert.Equal((server, session, run), (host.Server, await host.SessionAsync(server), await host.RunAsync()));
    }

    private static async Task ServerKilledInQueryAsync(SparkStreamHost host)
    {
        var running = host.AskAsync(new { query = Endless, timeoutSeconds = 600 });
        await UntilQueryRunsAsync(host, running);
        var server = host.Server;
        Processes.Kill(server);
        host.Produce(1_000);
        var (status, answer) = await running;
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "SPARK_CONNECTION_LOST"), (status, answer.RootElement.GetProperty("errorClass").GetString()));
        Assert.Contains("run the query once more", answer.RootElement.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    private static async Task SessionEndedAsync(SparkStreamHost host)
    {
        var (server, run) = (host.Server, await host.RunAsync());
        var session = await host.SessionAsync(server);
        host.Produce(1_000);
        await host.ReleaseSessionAsync(session);
        await host.HealthAsync(health => health.GetProperty("spark").GetProperty("sessionId").GetString() is { } other && other != session, _ => true, "another session");
        await host.FlowsAsync();
        Assert.NotEqual(run, await host.RunAsync());
        Assert.Equal(server, host.Server);
    }

    /// <summary>A server that stands still keeps session and query, so it is not replaced.</summary>
    private static async Task ServerStalledAsync(SparkStreamHost host)
    {
        var (server, run) = (host.Server, await host.RunAsync());
        var session = await host.SessionAsync(server);
        Processes.Signal(server, "STOP");
        try
        {
            host.Produce(1_000);
            await host.HealthAsync(health => health.GetProperty("spark").GetProperty("state").GetString() == "connecting", _ => true, "health says that Spark does not answer");
            await Task.Delay(Stall, Token);
        }
        finally
        {
            Processes.Signal(server, "CONT");
        }

        await host.FlowsAsync();
        Assert.Equal((server, session, run), (host.Server, await host.SessionAsync(server), await host.RunAsync()));
    }

    private static async Task BrokerStalledAsync(SparkStreamHost host, KafkaNode node)
    {
        host.Produce(1_000);
        await node.PauseAsync();
        try
        {
            await UntilBrokersAreAsync(host, "disconnected");
            await Task.Delay(Stall, Token);
        }
        finally
        {
            await node.ResumeAsync();
        }

        await UntilBrokersAreAsync(host, "connected");
    }

    private static async Task BrokerKilledAsync(SparkStreamHost host, KafkaNode node)
    {
        host.Produce(1_000);
        await node.KillAsync();
        await UntilBrokersAreAsync(host, "disconnected");
        Assert.NotEqual(-1, await host.NumberAsync("SELECT count(*) AS n FROM delta_lake.logs"));
        await node.StartAsync();
        await UntilBrokersAreAsync(host, "connected");
    }

    private static async Task HostAndServerKilledAsync(SparkStreamHost host)
    {
        var server = host.Server;
        host.Produce(1_000);
        Processes.Kill(server);
        Processes.Kill(host.Process.Id);
        await Processes.UntilGoneAsync(host.Process.Id, GoneWithin, Token);
        await host.Process.StartAgainAsync();
    }

    /// <summary>Nothing is left of Spark when its host is killed.</summary>
    private static async Task HostKilledAsync(SparkStreamHost host)
    {
        var server = host.Server;
        host.Produce(1_000);
        Processes.Kill(host.Process.Id);
        await Processes.UntilGoneAsync(server, GoneWithin, Token);
        Assert.Empty(host.Servers);
        await host.Process.StartAgainAsync();
    }

    /// <summary>Waits until a query runs in Spark: the host has begun it, and one that it began later has ended.</summary>
    private static async Task UntilQueryRunsAsync(SparkStreamHost host, Task running)
    {
        await host.HealthAsync(health => running.IsCompleted || Running(health) == "1", _ => true, "the query runs");
        Assert.False(running.IsCompleted, "The query ended by itself");
        await host.UntilAsync(async () => await host.NumberAsync("SELECT 1 AS n") == 1, "another query ends");
    }

    private static Task<bool> UntilBrokersAreAsync(SparkStreamHost host, string state) =>
        host.HealthAsync(health => health.GetProperty("kafka").GetProperty("state").GetString() == state, _ => true, $"the brokers are {state}");

    private static string? Running(JsonElement health) =>
        health.GetProperty("stages").EnumerateArray().Single(stage => stage.GetProperty("name").GetString() == "Query").GetProperty("figures").GetProperty("running").GetString();
}
