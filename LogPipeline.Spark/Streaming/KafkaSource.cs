using System.Globalization;
using System.Text.Json;
using LogPipeline.Core.EventLog.Kafka;
using LogPipeline.Core.Streams;
using LogPipeline.Spark.Connect;

namespace LogPipeline.Spark.Streaming;

/// <summary>A stream's topic as Spark reads it.</summary>
internal sealed class KafkaSource(KafkaOptions kafka, SparkStreamingOptions options)
{
    private const string Earliest = "-2";

    /// <summary>Describes reading a topic from some offsets on.</summary>
    /// <param name="session">The session.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="partitions">How many partitions the topic has.</param>
    /// <param name="start">First offset of each partition; others begin at their begin. Counts only for a query without a checkpoint.</param>
    public DataFrame Read(SparkSession session, StreamDefinition stream, int partitions, IReadOnlyDictionary<int, long> start)
    {
        var reader = session.ReadStream.Format("kafka")
            .Option("subscribe", stream.Topic)
            .Option("startingOffsets", StartingOffsets(stream.Topic, partitions, start))
            .Option("includeHeaders", "true")
            .Option("failOnDataLoss", "true")
            .Option("maxOffsetsPerTrigger", options.MaxOffsetsPerTrigger.ToString(CultureInfo.InvariantCulture))
            .Option("groupIdPrefix", "logpipeline-spark");
        if (options.MinPartitions > 0)
        {
            reader.Option("minPartitions", options.MinPartitions.ToString(CultureInfo.InvariantCulture));
        }

        foreach (var (name, value) in ClientSettings())
        {
            reader.Option("kafka." + name, value);
        }

        return reader.Load();
    }

    /// <summary>Settings of Spark's Kafka clients: what librdkafka is set to, in Java's names, then the user's own.</summary>
    internal SortedDictionary<string, string> ClientSettings()
    {
        var settings = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var native = kafka.Settings.ToDictionary(one => KafkaSettings.Name(one.Key), one => one.Value, StringComparer.Ordinal);
        Take("security.protocol", "security.protocol");
        Take("client.id", "client.id");
        Take("sasl.mechanism", "sasl.mechanism", "sasl.mechanisms");
        Take("ssl.key.password", "ssl.key.password");
        Take("ssl.endpoint.identification.algorithm", "ssl.endpoint.identification.algorithm");
        if (settings.GetValueOrDefault("ssl.endpoint.identification.algorithm") == "none")
        {
            settings["ssl.endpoint.identification.algorithm"] = "";
        }

        if (native.TryGetValue("ssl.ca.location", out var authorities))
        {
            settings["ssl.truststore.type"] = "PEM";
            settings["ssl.truststore.location"] = authorities;
        }

        if (native.TryGetValue("ssl.certificate.location", out var certificate) && native.TryGetValue("ssl.key.location", out var key))
        {
            settings["ssl.keystore.type"] = "PEM";
            settings["ssl.keystore.certificate.chain"] = File.ReadAllText(certificate);
            settings["ssl.keystore.key"] = File.ReadAllText(key);
        }

        if (native.TryGetValue("sasl.username", out var user) && native.TryGetValue("sasl.password", out var password))
        {
            var module = settings.GetValueOrDefault("sasl.mechanism", "PLAIN").StartsWith("SCRAM", StringComparison.OrdinalIgnoreCase) ? "scram.ScramLoginModule" : "plain.PlainLoginModule";
            settings["sasl.jaas.config"] = $"org.apache.kafka.common.security.{module} required username=\"{Quoted(user)}\" password=\"{Quoted(password)}\";";
        }

        foreach (var (name, value) in options.KafkaSettings)
        {
            settings[name] = value;
        }

        settings["bootstrap.servers"] = options.Brokers.Length > 0 ? options.Brokers : kafka.Brokers ?? "";
        settings["isolation.level"] = "read_committed";
        return settings;

        void Take(string to, params string[] from)
        {
            if (from.Select(name => native.GetValueOrDefault(name)).FirstOrDefault(value => value is not null) is { } value)
            {
                settings[to] = value;
            }
        }
    }

    // Spark wants every partition named.
    private static string StartingOffsets(string topic, int partitions, IReadOnlyDictionary<int, long> start) => JsonSerializer.Serialize(new Dictionary<string, SortedDictionary<int, long>>
    {
        [topic] = new(Enumerable.Range(0, Math.Max(partitions, start.Count == 0 ? 0 : start.Keys.Max() + 1))
            .ToDictionary(partition => partition, partition => start.TryGetValue(partition, out var offset) ? offset : long.Parse(Earliest, CultureInfo.InvariantCulture))),
    });

    private static string Quoted(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}
