using LogPipeline.Benchmarks.EndToEnd;
using LogPipeline.Tests.Engines;

namespace LogPipeline.Benchmarks.Spark;

/// <summary>The whole host on Kafka, with a Spark of its own that writes the tables; its queries are answered by the embedded engine.</summary>
internal static class SparkHost
{
    /// <summary>Starts it on an empty topic.</summary>
    public static Task<HostProcess> StartAsync(Workspace workspace, KafkaCluster cluster, string topic, params string[] settings)
    {
        var all = new List<string>(
        [
            "Broker=Kafka", "Engine=Spark", "Query:Engine=Embedded", $"Kafka:Brokers={cluster.Brokers}", "Kafka:Replication=1", $"Streams:web-logs:Topic={topic}", "Spark:Master=local[2]", .. settings,
        ]);
        return HostProcess.StartAsync("serve", workspace.PathOf("host-" + topic), [.. all.SelectMany(setting => (string[])["--set", setting])]);
    }
}
