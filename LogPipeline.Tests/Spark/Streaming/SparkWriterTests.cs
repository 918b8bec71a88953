using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using LogPipeline.Core.Lake;
using LogPipeline.Tests.EndToEnd;
using LogPipeline.Tests.Engines;
using LogPipeline.Tests.Web;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace LogPipeline.Tests.Spark.Streaming;

/// <summary>The composed host with Spark as the writer of its tables, on a real broker and a real server.</summary>
public sealed class SparkWriterTests(KafkaServer kafka, SparkConnectServer spark)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private readonly string topic = $"web-logs-{Guid.NewGuid():N}";
    private readonly string group = $"ui-bridge-{Guid.NewGuid():N}";

    [Fact]
    public async Task Engines_take_turns_on_a_topic_and_every_event_is_stored_exactly_once()
    {
        var (cluster, server) = (await kafka.GetAsync(), await spark.GetAsync());
        using var folder = new TestFolder();
        var produced = 0;
        foreach (var engine in (string[])["Spark", "Embedded", "Spark"])
        {
            await using var host = await StartAsync(cluster, server, folder.Path, engine);
            cluster.Produce(topic, OutsideProducer.Messages(produced, produced + 3_000));
            produced += 3_000;
            await AllStoredAsync(host, produced);
            var writer = Assert.Single(host.Services.GetRequiredService<ITableWriters>().All);
            Assert.Equal(engine, host.Services.GetRequiredService<ITableWriters>().Engine.ToString());
            Assert.Equal((TableWriterState.Following, null, 0), (writer.State, writer.Problem, writer.Gaps));
            Assert.True(writer.Figures?.BatchRows > 0);
            await EventuallyAsync(() => cluster.HasStoredAllAsync(group, topic, partitions: 3));
        }
    }

    [Fact]
    public async Task Events_of_an_embedded_log_are_inserted_by_the_session_exactly_once()
    {
        var server = await spark.GetAsync();
        using var folder = new TestFolder();
        var sent = 0;
        foreach (var engine in (string[])["Embedded", "Spark", "Spark", "Embedded"])
        {
            await using var host = await RunningHost.StartAsync(folder.Path, [.. server.WriterSettings, $"Engine={engine}"]);
            for (var request = 0; request < 5; request++)
            {
                using var answer = await host.PostAsync("/api/ingest/web-logs", Lines(sent, 200) + "{\"status\":true}\n", "application/x-ndjson");
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                sent += 200;
            }

            await EventuallyAsync(async () => await NumberAsync(host, "SELECT count(*) AS n FROM delta_lake.logs") == sent && await NumberAsync(host, "SELECT count(*) AS n FROM delta_lake.dead_letters") == sent / 200);
            Assert.Equal(sent, await NumberAsync(host, "SELECT count(DISTINCT trace_id) AS n FROM delta_lake.logs"));
            Assert.Equal(sent, await NumberAsync(host, "SELECT count(*) AS n FROM delta_lake.logs WHERE attributes['shard'] = '7' AND date = CAST(timestamp AS DATE)"));
            Assert.Equal(sent / 200, await NumberAsync(host, "SELECT count(DISTINCT event_offset) AS n FROM delta_lake.dead_letters WHERE field = 'status' AND date = CAST(received_at AS DATE)"));
        }
    }

    private Task<RunningHost> StartAsync(KafkaCluster cluster, SparkConnectProcess server, string folder, string engine) => RunningHost.StartAsync(folder,
    [
        .. server.WriterSettings, "Broker=Kafka", $"Engine={engine}", $"Kafka:Brokers={cluster.Brokers}", $"Kafka:GroupId={group}", "Kafka:ConnectTimeout=5min", $"Streams:web-logs:Topic={topic}",
    ]);

    private static async Task AllStoredAsync(RunningHost host, int produced)
    {
        var bad = OutsideProducer.Bad(produced);
        await EventuallyAsync(async () => await NumberAsync(host, "SELECT count(*) AS n FROM delta_lake.logs") == produced - bad && await NumberAsync(host, "SELECT count(*) AS n FROM delta_lake.dead_letters") == bad);
        Assert.Equal(produced - bad, await NumberAsync(host, "SELECT count(DISTINCT trace_id) AS n FROM delta_lake.logs"));
        Assert.Equal(produced, await NumberAsync(host, "SELECT count(*) AS n FROM (SELECT event_partition, event_offset FROM delta_lake.logs UNION SELECT event_partition, event_offset FROM delta_lake.dead_letters)"));
        Assert.Equal(produced, await NumberAsync(host, "SELECT sum(e) AS n FROM (SELECT max(event_offset) + 1 AS e FROM (SELECT event_partition, event_offset FROM delta_lake.logs UNION ALL SELECT event_partition, event_offset FROM delta_lake.dead_letters) GROUP BY event_partition)"));
        Assert.Equal(produced - bad, await NumberAsync(host, "SELECT count(*) AS n FROM delta_lake.logs WHERE attributes['plan'] = 'ü' AND date = CAST(timestamp AS DATE)"));
        using var metrics = await host.GetJsonAsync("/api/metrics");
        Assert.Equal(produced - bad, metrics.RootElement.GetProperty("totalRequests").GetInt64());
    }

    private static async Task EventuallyAsync(Func<Task<bool>> isTrue)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await isTrue())
        {
            await Task.Delay(200, patience.Token);
        }
    }

    private static async Task<long> NumberAsync(RunningHost host, string sql)
    {
        using var response = await host.PostAsync("/api/query", JsonSerializer.Serialize(new { query = sql }), "application/json");
        if (!response.IsSuccessStatusCode)
        {
            return -1;
        }

        using var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return answer.RootElement.GetProperty("results")[0].GetProperty("n").GetInt64();
    }

    private static string Lines(int from, int count)
    {
        var lines = new StringBuilder();
        foreach (var number in Enumerable.Range(from, count))
        {
            lines.Append(CultureInfo.InvariantCulture, $$"""{"level":"INFO","session_id":"s","trace_id":"t-{{number}}","shard":7}""").Append('\n');
        }

        return lines.ToString();
    }
}
