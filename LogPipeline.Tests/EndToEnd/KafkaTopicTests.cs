using System.Net;
using System.Text;
using Confluent.Kafka;
using LogPipeline.Core.Configuration;
using LogPipeline.Core.EventLog;
using LogPipeline.Tests.Engines;
using LogPipeline.Tests.Spark.Broker;
using LogPipeline.Tests.Web;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace LogPipeline.Tests.EndToEnd;

/// <summary>Topics that change behind the host's back: made anew, or shorter than what the table has not got yet.</summary>
public sealed class KafkaTopicTests(KafkaServer kafka, SparkConnectServer spark) : IDisposable
{
    private readonly TestFolder folder = new();
    private readonly string topic = $"web-logs-{Guid.NewGuid():N}";

    [Theory]
    [InlineData(EngineKind.Embedded)]
    [InlineData(EngineKind.Spark)]
    public async Task A_topic_deleted_and_made_anew_is_refused_until_it_is_adopted_and_nothing_is_mixed(EngineKind engine)
    {
        var cluster = await kafka.GetAsync();
        string id;
        await using (var host = await StartAsync(cluster, engine))
        {
            Produce(cluster, "before", 300);
            await UntilStoredAsync(host, 300);
            await cluster.DeleteTopicAsync(topic);
            await UntilEventLogSaysAsync(host, "is not there any more");
            await cluster.CreateTopicAsync(topic, 3);
            Produce(cluster, "after", 500);
            var problem = await UntilEventLogSaysAsync(host, "was deleted and made anew");
            Assert.Contains(topic, problem, StringComparison.Ordinal);
            id = problem[(problem.IndexOf("AdoptLog to ", StringComparison.Ordinal) + "AdoptLog to ".Length)..].Split(' ')[0];
            using var answer = await host.PostAsync("/api/ingest/web-logs", "{\"message\":\"ours\"}\n", "application/x-ndjson");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.Equal((300, 0), (await RowsAsync(host, "before"), await RowsAsync(host, "after")));
        }

        // The table knows the old topic only: a new start must not take the new one for it.
        await using (var host = await StartAsync(cluster, engine))
        {
            await EventuallyAsync(async () => await LakeProblemAsync(host) is { } refusal && refusal.Contains(id, StringComparison.Ordinal), "the writer refuses the new topic");
            Assert.Equal((300, 0), (await RowsAsync(host, "before"), await RowsAsync(host, "after")));
        }

        await using (var host = await StartAsync(cluster, engine, $"Lake:AdoptLog={id}"))
        {
            await EventuallyAsync(async () => await RowsAsync(host, "after") == 500, "the adopted topic is stored");
            Assert.Equal(300, await RowsAsync(host, "before"));
        }
    }

    [Theory]
    [InlineData(EngineKind.Embedded)]
    [InlineData(EngineKind.Spark)]
    public async Task What_retention_took_before_it_was_stored_is_reported_as_a_gap_and_the_rest_is_stored(EngineKind engine)
    {
        var cluster = await kafka.GetAsync();
        await using (var host = await StartAsync(cluster, engine))
        {
            Produce(cluster, "before", 100);
            await UntilStoredAsync(host, 100);
        }

        // As retention does it: the begin of a partition moves past what nobody has read.
        Produce(cluster, "gone", 400, partition: 1);
        var ends = (await cluster.Admin.ListOffsetsAsync([new() { TopicPartition = new TopicPartition(topic, 1), OffsetSpec = Confluent.Kafka.Admin.OffsetSpec.Latest() }])).ResultInfos[0];
        await cluster.Admin.DeleteRecordsAsync([new TopicPartitionOffset(topic, 1, ends.TopicPartitionOffsetError.Offset)]);
        Produce(cluster, "kept", 50, partition: 1);
        await using (var host = await StartAsync(cluster, engine))
        {
            await EventuallyAsync(async () => await RowsAsync(host, "kept") == 50, "what is left is stored");
            Assert.Equal((100, 0), (await RowsAsync(host, "before"), await RowsAsync(host, "gone")));
            using var health = await host.GetJsonAsync("/health");
            Assert.Equal(400, health.RootElement.GetProperty("writer").GetProperty("gaps").GetInt64());
            await EventuallyAsync(async () =>
            {
                using var settled = await host.GetJsonAsync("/health");
                var conservation = settled.RootElement.GetProperty("conservation");
                return (conservation.GetProperty("inFlight").GetInt64(), conservation.GetProperty("difference").GetInt64()) == (0, 400);
            }, "the records that are lost are the difference");
        }
    }

    public void Dispose() => folder.Dispose();

    private async Task<RunningHost> StartAsync(KafkaCluster cluster, EngineKind engine, params string[] more) => await RunningHost.StartAsync(folder.Path,
    [
        "Broker=Kafka", $"Kafka:Brokers={cluster.Brokers}", $"Kafka:GroupId=of-{topic}", "Kafka:ConnectTimeout=60s", $"Streams:web-logs:Topic={topic}",
        .. engine == EngineKind.Spark ? (await spark.GetAsync()).WriterSettings : [], .. more,
    ]);

    private static Task EventuallyAsync(Func<Task<bool>> condition, string what) => RunningHost.EventuallyAsync(condition, what, RealSpark.Patience);

    private void Produce(KafkaCluster cluster, string source, int count, int? partition = null)
    {
        var messages = Enumerable.Range(0, count).Select(number => new Message<string?, byte[]?> { Key = $"k-{number}", Value = Encoding.UTF8.GetBytes($$"""{"source":"{{source}}","message":"{{number}}"}""") });
        cluster.Produce(topic, messages, partition);
    }

    private static async Task UntilStoredAsync(RunningHost host, long rows) => await EventuallyAsync(async () =>
    {
        using var health = await host.GetJsonAsync("/health");
        var conservation = health.RootElement.GetProperty("conservation");
        return (conservation.GetProperty("stored").GetInt64(), conservation.GetProperty("inFlight").GetInt64()) == (rows, 0);
    }, $"{rows} rows are stored");

    private static async Task<string> UntilEventLogSaysAsync(RunningHost host, string text)
    {
        string? problem = null;
        await EventuallyAsync(
            () =>
            {
                problem = host.Services.GetRequiredService<IEventLogs>().All[0].Status.Problem;
                return Task.FromResult(problem?.Contains(text, StringComparison.Ordinal) == true);
            }, $"the event log says that its topic {text}");
        return problem!;
    }

    private static async Task<string?> LakeProblemAsync(RunningHost host)
    {
        using var answer = await host.Http.GetAsync(new Uri("/health", UriKind.Relative), TestContext.Current.CancellationToken);
        using var health = System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return health.RootElement.GetProperty("stages").EnumerateArray().First(stage => stage.GetProperty("name").GetString() == "Lake").GetProperty("problem").GetString();
    }

    private static async Task<long> RowsAsync(RunningHost host, string source)
    {
        using var response = await host.PostAsync("/api/query", System.Text.Json.JsonSerializer.Serialize(new { query = $"SELECT count(*) AS n FROM delta_lake.logs WHERE source = '{source}'" }), "application/json");
        using var answer = System.Text.Json.JsonDocument.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.True(response.IsSuccessStatusCode, answer.RootElement.ToString());
        return answer.RootElement.GetProperty("results")[0].GetProperty("n").GetInt64();
    }
}
