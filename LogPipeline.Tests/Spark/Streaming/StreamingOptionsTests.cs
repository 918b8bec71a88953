using LogPipeline.Core.Configuration;
using LogPipeline.Core.EventLog.Kafka;
using LogPipeline.Spark.Broker;
using LogPipeline.Spark.Streaming;
using LogPipeline.Tests.EndToEnd;
using Xunit;

namespace LogPipeline.Tests.Spark.Streaming;

public sealed class StreamingOptionsTests
{
    [Fact]
    public void Every_problem_is_reported_with_its_key_and_the_fix()
    {
        var options = new SparkStreamingOptions { Trigger = TimeSpan.FromHours(1), MaxOffsetsPerTrigger = 1, MinPartitions = -1, DeadLetterInterval = TimeSpan.Zero };
        options.KafkaSettings["group.id"] = "mine";
        options.KafkaSettings["bootstrap.servers"] = "elsewhere:9092";
        options.Conf["shuffle.partitions"] = "4";
        var failures = new SparkStreamingOptionsValidator().Validate(null, options).Failures!.ToList();
        Assert.Equal(7, failures.Count);
        Assert.All(failures, failure => Assert.StartsWith("LogPipeline:Spark:Streaming:", failure, StringComparison.Ordinal));
        Assert.Contains(failures, failure => failure.Contains("set Brokers instead", StringComparison.Ordinal));
        Assert.True(new SparkStreamingOptionsValidator().Validate(null, new SparkStreamingOptions()).Succeeded);
    }

    [Fact]
    public void A_spark_that_cannot_read_kafka_is_reported_where_it_would_have_to()
    {
        using var folder = new TestFolder();
        Directory.CreateDirectory(folder.PathOf("jars"));
        var spark = new SparkOptions { Home = folder.Path };
        var failure = Assert.Single(Failures(BrokerKind.Kafka));
        Assert.Contains("lacks spark-sql-kafka-0-10", failure, StringComparison.Ordinal);
        Assert.Empty(Failures(BrokerKind.Embedded));
        File.WriteAllText(folder.PathOf("jars/spark-sql-kafka-0-10_2.13-4.2.0.jar"), "");
        Assert.Empty(Failures(BrokerKind.Kafka));

        IEnumerable<string> Failures(BrokerKind broker) =>
            new SparkStreamingOptionsValidator(new PipelineOptions { Engine = EngineKind.Spark, Broker = broker }, spark).Validate(null, new SparkStreamingOptions()).Failures ?? [];
    }

    [Fact]
    public void Settings_of_librdkafka_become_those_of_the_java_clients_and_the_users_own_win()
    {
        var kafka = new KafkaOptions { Brokers = "one:9092,two:9092" };
        kafka.Settings["security_protocol"] = "SASL_SSL";
        kafka.Settings["sasl.mechanisms"] = "SCRAM-SHA-256";
        kafka.Settings["sasl.username"] = "me";
        kafka.Settings["sasl.password"] = "a\"b\\c";
        kafka.Settings["ssl.ca.location"] = "/etc/ca.pem";
        kafka.Settings["ssl.endpoint.identification.algorithm"] = "none";
        var options = new SparkStreamingOptions();
        options.KafkaSettings["client.rack"] = "r1";
        options.KafkaSettings["security.protocol"] = "SASL_PLAINTEXT";
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["bootstrap.servers"] = "one:9092,two:9092",
                ["client.rack"] = "r1",
                ["isolation.level"] = "read_committed",
                ["sasl.jaas.config"] = "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"me\" password=\"a\\\"b\\\\c\";",
                ["sasl.mechanism"] = "SCRAM-SHA-256",
                ["security.protocol"] = "SASL_PLAINTEXT",
                ["ssl.endpoint.identification.algorithm"] = "",
                ["ssl.truststore.location"] = "/etc/ca.pem",
                ["ssl.truststore.type"] = "PEM",
            },
            new KafkaSource(kafka, options).ClientSettings());
    }
}
