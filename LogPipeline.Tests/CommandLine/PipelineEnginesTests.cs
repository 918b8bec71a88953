using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Confluent.Kafka;
using LogPipeline.Core.DataFolders;
using LogPipeline.Tests.EndToEnd;
using LogPipeline.Tests.Engines;
using LogPipeline.Tests.Spark.Broker;
using LogPipeline.Web.CommandLine;
using Xunit;

namespace LogPipeline.Tests.CommandLine;

/// <summary>The host in the background on a real Kafka and a real Spark.</summary>
public sealed class PipelineEnginesTests(KafkaServer kafka, SparkConnectServer spark) : IDisposable
{
    private const int Partitions = 2;

    private readonly TestFolder folder = new();
    private readonly string topic = $"web-logs-{Guid.NewGuid():N}";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Start_makes_the_topic_and_the_streams_store_the_made_up_traffic_until_stop()
    {
        var cluster = await kafka.GetAsync();
        string[] settings =
        [
            .. (await spark.GetAsync()).WriterSettings, "Broker=Kafka", $"Kafka:Brokers={cluster.Brokers}", $"Kafka:GroupId=of-{topic}", "Kafka:ConnectTimeout=90s", $"Kafka:Partitions={Partitions}",
            $"Streams:web-logs:Topic={topic}", "Lake:DrainTimeout=4min",
        ];
        string[] options = ["--data", folder.Path, .. settings.SelectMany(setting => (string[])["--set", setting])];
        var (code, output, messages) = await HostProcess.RunAsync(["pipeline", "start", "--port", "0", "--rate", "50", .. options]);
        try
        {
            Assert.True(code == ExitCodes.Done, messages);
            Assert.Contains(cluster.Brokers, output, StringComparison.Ordinal);
            Assert.Equal(Partitions, cluster.Admin.GetMetadata(topic, RealSpark.Patience).Topics[0].Partitions.Count);

            using var status = JsonDocument.Parse((await HostProcess.RunAsync(["pipeline", "status", "--json", .. options])).Output);
            Assert.Equal(("kafka", "spark"), (status.RootElement.GetProperty("broker").GetString(), status.RootElement.GetProperty("engine").GetString()));
            var watch = Stopwatch.StartNew();
            while (await StoredAsync() == 0)
            {
                Assert.True(watch.Elapsed < RealSpark.Patience, "Nothing is stored");
                await Task.Delay(200, Cancel);
            }

            // Others go on producing: what there was before is stored, and the end is not put off for what comes. Other tests may hold both cores of Spark
            // for longer than the standard waits.
            using var stopped = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            var producing = ProduceAsync(cluster, stopped.Token);
            var before = await cluster.EndsAsync(topic, Partitions);
            (code, output, messages) = await HostProcess.RunAsync(["pipeline", "stop", "--wait", "5min", .. options]);
            await stopped.CancelAsync();
            await producing;
            Assert.Equal((ExitCodes.Done, ""), (code, messages));
            Assert.Null(DataFolder.FindOwner(folder.Path));
            Assert.Contains("Stream web-logs drained", await File.ReadAllTextAsync(folder.PathOf("state/host.log"), Cancel), StringComparison.Ordinal);
            var stored = await StoredAsync($"WHERE {string.Join(" OR ", before.Select(end => $"event_partition = {end.Key} AND event_offset < {end.Value}"))}");
            Assert.Equal(Read(cluster).Count(position => position.Offset < before[position.Partition]), stored);
        }
        finally
        {
            if (DataFolder.FindOwner(folder.Path) is { } owner)
            {
                Processes.Kill(owner.ProcessId);
            }
        }
    }

    private async Task ProduceAsync(KafkaCluster cluster, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            cluster.Produce(topic, Enumerable.Range(0, 20).Select(_ => new Message<string?, byte[]?> { Value = "{\"level\":\"info\",\"source\":\"outside\"}"u8.ToArray() }));
            await Task.Delay(100, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Positions of all committed records of the topic.</summary>
    private List<(int Partition, long Offset)> Read(KafkaCluster cluster)
    {
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = cluster.Brokers, GroupId = "reads-all", EnablePartitionEof = true, IsolationLevel = IsolationLevel.ReadCommitted }).Build();
        consumer.Assign(Enumerable.Range(0, Partitions).Select(partition => new TopicPartitionOffset(topic, partition, Offset.Beginning)));
        var (positions, ended) = (new List<(int, long)>(), 0);
        while (ended < Partitions)
        {
            var read = consumer.Consume(Cancel);
            ended += read.IsPartitionEOF ? 1 : 0;
            if (!read.IsPartitionEOF)
            {
                positions.Add((read.Partition.Value, read.Offset.Value));
            }
        }

        return positions;
    }

    /// <summary>Rows in the table, by the embedded engine; none before there is a table.</summary>
    private async Task<int> StoredAsync(string condition = "")
    {
        var (code, output, _) = await HostProcess.RunAsync(["query", $"SELECT count(*) AS n FROM delta_lake.logs {condition}", "--format", "csv", "--data", folder.Path]);
        return code == 0 ? int.Parse(output.Split('\n')[1], CultureInfo.InvariantCulture) : 0;
    }
}
