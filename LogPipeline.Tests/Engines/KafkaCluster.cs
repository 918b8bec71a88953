using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace LogPipeline.Tests.Engines;

/// <summary>Real Kafka nodes that belong together, on free ports and in a temporary folder.</summary>
internal sealed class KafkaCluster : IAsyncDisposable
{
    // The client refuses more than 100,000 messages that wait.
    private const int ProducerHolds = 50_000;
    private readonly string folder;
    private IAdminClient? admin;

    private KafkaCluster(string folder, IReadOnlyList<KafkaNode> nodes)
    {
        this.folder = folder;
        Nodes = nodes;
    }

    /// <summary>The nodes.</summary>
    public IReadOnlyList<KafkaNode> Nodes { get; }

    /// <summary>Bootstrap servers.</summary>
    public string Brokers => string.Join(',', Nodes.Select(node => node.Address));

    /// <summary>Asks and changes it from outside.</summary>
    public IAdminClient Admin => admin ??= new AdminClientBuilder(new AdminClientConfig { BootstrapServers = Brokers, ReconnectBackoffMaxMs = 500 }).SetLogHandler((_, _) => { }).Build();

    /// <summary>Starts a cluster.</summary>
    /// <param name="home">KAFKA_HOME.</param>
    /// <param name="nodes">How many nodes.</param>
    /// <param name="settings">Settings of every broker.</param>
    public static async Task<KafkaCluster> StartAsync(string home, int nodes = 1, IReadOnlyDictionary<string, string>? settings = null)
    {
        var folder = Directory.CreateTempSubdirectory("logpipeline-kafka-").FullName;
        var members = Enumerable.Range(1, nodes).Select(id => new KafkaNode(home, Path.Combine(folder, $"node-{id}"), id, KafkaNode.FreePort(), KafkaNode.FreePort())).ToList();
        var cluster = new KafkaCluster(folder, members);
        try
        {
            var voters = string.Join(',', members.Select(node => string.Create(CultureInfo.InvariantCulture, $"{node.Id}@127.0.0.1:{node.ControllerPort}")));
            await Task.WhenAll(members.Select(node => node.FormatAsync("MkU3OEVBNTcwNTJENDM2Qg", voters, nodes, settings ?? new Dictionary<string, string>())));
            await Task.WhenAll(members.Select(node => node.LaunchAsync()));
            await Task.WhenAll(members.Select(node => node.UntilListeningAsync()));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes a topic from outside.</summary>
    public Task CreateTopicAsync(string topic, int partitions, Dictionary<string, string>? settings = null) =>
        Admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = partitions, ReplicationFactor = -1, Configs = settings }]);

    /// <summary>Deletes a topic from outside, and waits until it is gone.</summary>
    public async Task DeleteTopicAsync(string topic)
    {
        await Admin.DeleteTopicsAsync([topic]);
        while (Admin.GetMetadata(TimeSpan.FromSeconds(10)).Topics.Exists(one => one.Topic == topic))
        {
            await Task.Delay(20);
        }
    }

    /// <summary>Writes messages from outside, to the partition of their key or to one, and returns once all are durable.</summary>
    public void Produce(string topic, IEnumerable<Message<string?, byte[]?>> messages, int? partition = null)
    {
        var to = new TopicPartition(topic, partition ?? Partition.Any);
        Error? refused = null;
        using var producer = Producer();
        foreach (var some in messages.Chunk(ProducerHolds))
        {
            foreach (var message in some)
            {
                producer.Produce(to, message, report => refused = report.Error.IsError ? report.Error : refused);
            }

            if (producer.Flush(TimeSpan.FromSeconds(120)) > 0 || refused is not null)
            {
                throw new InvalidOperationException($"Kafka did not take the messages: {refused?.Reason ?? "it did not answer"}");
            }
        }
    }

    /// <summary>Where each partition of a topic ends.</summary>
    public async Task<Dictionary<int, long>> EndsAsync(string topic, int partitions)
    {
        var ends = await Admin.ListOffsetsAsync(
            Enumerable.Range(0, partitions).Select(partition => new TopicPartitionOffsetSpec { TopicPartition = new TopicPartition(topic, partition), OffsetSpec = OffsetSpec.Latest() }));
        return ends.ResultInfos.Select(end => end.TopicPartitionOffsetError).ToDictionary(end => end.Partition.Value, end => end.Offset.Value);
    }

    /// <summary>Whether a group's offsets are the ends of a topic's partitions.</summary>
    public async Task<bool> HasStoredAllAsync(string group, string topic, int partitions)
    {
        var ends = await EndsAsync(topic, partitions);
        var all = ends.Keys.Select(partition => new TopicPartition(topic, partition)).ToList();

        // Asked as a consumer asks: the admin client's request ends the process when the coordinator does not answer in time.
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = Brokers, GroupId = group }).SetLogHandler((_, _) => { }).Build();
        try
        {
            var stored = consumer.Committed(all, TimeSpan.FromSeconds(10)).ToDictionary(one => one.TopicPartition, one => one.Offset.Value);
            return all.TrueForAll(one => stored[one] == ends[one.Partition.Value]);
        }
        catch (KafkaException)
        {
            // The first group of a broker has no coordinator for a moment.
            return false;
        }
    }

    /// <summary>A producer as other programs use it.</summary>
    public IProducer<string?, byte[]?> Producer() =>
        new ProducerBuilder<string?, byte[]?>(new ProducerConfig { BootstrapServers = Brokers, EnableIdempotence = true, LingerMs = 5, Partitioner = Partitioner.Murmur2Random }).SetLogHandler((_, _) => { }).Build();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        admin?.Dispose();
        foreach (var node in Nodes)
        {
            await node.DisposeAsync();
        }

        Directory.Delete(folder, recursive: true);
    }
}
