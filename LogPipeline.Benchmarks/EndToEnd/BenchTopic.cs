using System.Text;
using Confluent.Kafka;
using LogPipeline.Tests.Engines;

namespace LogPipeline.Benchmarks.EndToEnd;

/// <summary>A real broker, and topics of events on it.</summary>
internal static class BenchTopic
{
    /// <summary>Partitions of a topic.</summary>
    public const int Partitions = 3;

    private static readonly string? Home = Environment.GetEnvironmentVariable("KAFKA_HOME");

    /// <summary>Says why there is nothing to measure; null when all is there.</summary>
    public static string? Missing => Home is { Length: > 0 } ? null : "KAFKA_HOME is not set here: it names the folder of a Kafka distribution.\n";

    /// <summary>Starts a broker.</summary>
    public static Task<KafkaCluster> StartAsync() => KafkaCluster.StartAsync(Home!);

    /// <summary>Makes a topic and fills it.</summary>
    /// <returns>Bytes of the values.</returns>
    public static async Task<long> FillAsync(KafkaCluster cluster, string topic, int events)
    {
        await cluster.CreateTopicAsync(topic, Partitions, new Dictionary<string, string> { ["compression.type"] = "lz4" });
        return Produce(cluster, topic, events);
    }

    /// <summary>Writes events of the last hour, which live metrics count.</summary>
    /// <returns>Bytes of the values.</returns>
    public static long Produce(KafkaCluster cluster, string topic, int events)
    {
        long bytes = 0;
        cluster.Produce(topic, BenchEvents.Lines(events, TimeProvider.System.GetUtcNow().AddMinutes(-5).ToUnixTimeMilliseconds()).Select(line =>
        {
            var value = Encoding.UTF8.GetBytes(line);
            bytes += value.Length;
            return new Message<string?, byte[]?> { Value = value };
        }));
        return bytes;
    }
}
