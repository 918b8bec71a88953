using System.Globalization;
using System.Net;
using System.Text;
using Confluent.Kafka;
using LogPipeline.Tests.Engines;
using LogPipeline.Tests.Web;
using Xunit;

namespace LogPipeline.Tests.EndToEnd;

/// <summary>The composed host on a real broker: what an outside producer wrote is on every way out, exactly once.</summary>
public sealed class KafkaHostTests(KafkaServer kafka)
{
    private const int Events = 3_000;
    private readonly string topic = $"web-logs-{Guid.NewGuid():N}";
    private readonly string group = $"ui-bridge-{Guid.NewGuid():N}";

    [Fact]
    public async Task What_an_outside_producer_wrote_is_in_metrics_logs_events_and_tables_exactly_once()
    {
        var cluster = await kafka.GetAsync();
        await using var host = await StartAsync(cluster);
        cluster.Produce(topic,
        [
            .. Enumerable.Range(0, Events).Select(number => new Message<string?, byte[]?> { Key = $"s-{number % 17}", Value = Event(number), Headers = [new Header("traceparent", "00-abc"u8.ToArray())] }),
            new() { Key = "s-1", Value = "no json"u8.ToArray() },
            new() { Key = "s-2", Value = null },
            new() { Key = null, Value = """{"status":"x"}"""u8.ToArray() },
            new() { Key = null, Value = [] },
        ]);

        using (var sent = await host.PostAsync("/api/ingest/web-logs", """{"level":"INFO","session_id":"ours","trace_id":"t-ours"}""" + "\n{\"status\":true}\n", "application/x-ndjson"))
        {
            Assert.Equal(HttpStatusCode.OK, sent.StatusCode);
        }

        await EventuallyAsync(async () => await RowsAsync(host, "SELECT count(*) AS n FROM delta_lake.logs") == Events + 1 && await RowsAsync(host, "SELECT count(*) AS n FROM delta_lake.dead_letters") == 5);
        Assert.Equal(Events + 1, await RowsAsync(host, "SELECT count(DISTINCT trace_id) AS n FROM delta_lake.logs"));
        Assert.Equal(Events + 1, await RowsAsync(host, "SELECT count(DISTINCT event_partition * 1000000 + event_offset) AS n FROM delta_lake.logs"));
        Assert.Equal(3, await RowsAsync(host, "SELECT count(DISTINCT event_partition) AS n FROM delta_lake.logs"));
        using (var metrics = await host.GetJsonAsync("/api/metrics"))
        {
            Assert.Equal(Events + 1, metrics.RootElement.GetProperty("totalRequests").GetInt64());
        }

        await EventuallyAsync(() => cluster.HasStoredAllAsync(group, topic, partitions: 3));
        await RecordsAddUpAsync(host);
    }

    private Task<RunningHost> StartAsync(KafkaCluster cluster) => RunningHost.StartAsync(settings:
    [
        "Broker=Kafka", $"Kafka:Brokers={cluster.Brokers}", $"Kafka:GroupId={group}", "Kafka:ConnectTimeout=60s", $"Streams:web-logs:Topic={topic}",
    ]);

    /// <summary>Transactions end with marks that take offsets: they are no records, and count nowhere.</summary>
    private static async Task RecordsAddUpAsync(RunningHost host)
    {
        await EventuallyAsync(async () =>
        {
            using var settled = await host.GetJsonAsync("/health");
            return settled.RootElement.GetProperty("conservation").GetProperty("inFlight").GetInt64() == 0
                && settled.RootElement.GetProperty("kafka").GetProperty("topics")[0].GetProperty("lag").GetInt64() == 0;
        });
        using var health = await host.GetJsonAsync("/health");
        var conservation = health.RootElement.GetProperty("conservation");
        Assert.Equal((Events + 6, Events + 1, 5, 0), (Count("received"), Count("stored"), Count("deadLettered"), Count("duplicate")));
        Assert.Equal("connected", health.RootElement.GetProperty("kafka").GetProperty("state").GetString());

        long Count(string name) => conservation.GetProperty(name).GetInt64();
    }

    private static async Task EventuallyAsync(Func<Task<bool>> isTrue)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(90));
        while (!await isTrue())
        {
            await Task.Delay(100, patience.Token);
        }
    }

    private static async Task<long> RowsAsync(RunningHost host, string sql)
    {
        using var response = await host.PostAsync("/api/query", System.Text.Json.JsonSerializer.Serialize(new { query = sql }), "application/json");
        if (!response.IsSuccessStatusCode)
        {
            return -1;
        }

        using var answer = System.Text.Json.JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return answer.RootElement.GetProperty("results")[0].GetProperty("n").GetInt64();
    }

    private static byte[] Event(int number) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"timestamp":{{TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()}},"level":"INFO","source":"outside","endpoint":"/api/{{number % 7}}","method":"GET","status":200,"response_time":{{number % 90}}.5,"session_id":"s-{{number % 17}}","trace_id":"t-{{number}}","message":"event {{number}}"}"""));
}
