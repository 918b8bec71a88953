namespace LogPipeline.Core.EventLog.Kafka;

/// <summary>Connection to Kafka and what topics are made of, for <c>Broker</c> = <c>Kafka</c>. Section <c>LogPipeline:Kafka</c>.</summary>
public sealed class KafkaOptions
{
    /// <summary>Where these options stand in the configuration.</summary>
    public const string Section = "LogPipeline:Kafka";

    /// <summary>Bootstrap servers, separated by commas.</summary>
    public string? Brokers { get; set; } = "localhost:9092";

    /// <summary>Group whose offsets say what the tables hold, so that Kafka's own tools show the true lag. Nothing is read from it.</summary>
    public string? GroupId { get; set; } = "ui-bridge-group";

    /// <summary>Partitions of a topic that is made; 1 to 1000. A topic that is there keeps its own.</summary>
    public int Partitions { get; set; } = 3;

    /// <summary>Copies of a topic that is made; 0 for the brokers' <c>default.replication.factor</c>.</summary>
    public int Replication { get; set; }

    /// <summary>How events are compressed, by this host and in topics that it makes.</summary>
    public KafkaCompression Compression { get; set; } = KafkaCompression.Lz4;

    /// <summary>How long a start waits for the brokers before it gives up.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long a sender waits for its events to be durable before it is told that this is not known.</summary>
    public TimeSpan AppendTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Events that wait for the brokers, in bytes a stream; senders get 429 beyond.</summary>
    public long MaxWaitingBytes { get; set; } = 64L << 20;

    /// <summary>Memory for events that were fetched and not read yet, in bytes a reader and again a broker.</summary>
    public long FetchBytes { get; set; } = 16L << 20;

    /// <summary>Settings of topics that are made, by Kafka's name, such as <c>min.insync.replicas</c>. They win over what the host sets.</summary>
    public IDictionary<string, string> TopicSettings { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Settings of every client by librdkafka's name, such as <c>security.protocol</c>, <c>sasl.username</c> or <c>ssl.ca.location</c>; underscores may stand for dots.</summary>
    public IDictionary<string, string> Settings { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
}

/// <summary>How events are compressed.</summary>
public enum KafkaCompression
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>gzip: small and slow.</summary>
    Gzip,

    /// <summary>snappy.</summary>
    Snappy,

    /// <summary>lz4: fast.</summary>
    Lz4,

    /// <summary>zstd: small and fast.</summary>
    Zstd,
}
