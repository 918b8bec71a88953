namespace LogPipeline.Spark.Streaming;

/// <summary>How Spark writes the tables, for <c>Engine</c> = <c>Spark</c>. Section <c>LogPipeline:Spark:Streaming</c>.</summary>
public sealed class SparkStreamingOptions
{
    /// <summary>Where these options stand in the configuration.</summary>
    public const string Section = "LogPipeline:Spark:Streaming";

    /// <summary>Folder of the streaming queries' checkpoints, which Spark must reach at the same path. Hosts that share tables must share it. Empty means <c>_checkpoints</c> in <c>LogPipeline:Lake:Path</c>, or <c>state/spark/checkpoints</c> in the data folder where that is empty too.</summary>
    public string CheckpointFolder { get; set; } = "";

    /// <summary>Folder in which batches of embedded event logs wait for Spark, which must reach it at the same path. Empty means <c>state/spark/staging</c> in the data folder.</summary>
    public string StagingFolder { get; set; } = "";

    /// <summary>Shortest time between the beginnings of two batches; a batch that takes longer is followed at once. Zero asks Kafka again every 10 ms while there is nothing to store. Up to 10 min.</summary>
    public TimeSpan Trigger { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Records that one batch reads from Kafka at most, over all partitions. 1,000 to 100,000,000.</summary>
    public long MaxOffsetsPerTrigger { get; set; } = 500_000;

    /// <summary>Parts that a batch is read in at least, for topics with fewer partitions than Spark has cores; 0 for one a partition. Up to 1,000.</summary>
    public int MinPartitions { get; set; }

    /// <summary>How often records that do not fit are looked for and put into <c>dead_letters</c>. 1 s to 1 h.</summary>
    public TimeSpan DeadLetterInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Brokers as Spark reaches them; empty for those of <c>LogPipeline:Kafka:Brokers</c>.</summary>
    public string Brokers { get; set; } = "";

    /// <summary>Settings of Spark's Kafka clients by their Java names, such as <c>ssl.truststore.location</c>; they win over what is taken from <c>LogPipeline:Kafka:Settings</c>.</summary>
    public IDictionary<string, string> KafkaSettings { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Settings of Spark for the session that runs the queries, such as <c>spark.sql.shuffle.partitions</c>; they win over the host's choice.</summary>
    public IDictionary<string, string> Conf { get; } = new Dictionary<string, string>(StringComparer.Ordinal);
}
