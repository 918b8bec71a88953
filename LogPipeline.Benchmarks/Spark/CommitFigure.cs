using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Confluent.Kafka;
using LogPipeline.Benchmarks.EndToEnd;
using LogPipeline.Tests.Engines;

namespace LogPipeline.Benchmarks.Spark;

/// <summary>From producing an event to Kafka to its commit in the Delta table, by Spark: the whole host beside the same SQL in a Java program.</summary>
internal static class CommitFigure
{
    private const int Rate = 1_000;
    private const int GroupsPerSecond = 50;
    private const long Batch = 500_000;
    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(60);

    public static async Task<string> MeasureAsync(Workspace workspace)
    {
        if ((SparkUnderTest.Missing ?? BenchTopic.Missing) is { } missing)
        {
            return missing;
        }

        await using var cluster = await BenchTopic.StartAsync();
        List<double> product, peer;
        await using (var host = await SparkHost.StartAsync(workspace, cluster, "bench-commit"))
        {
            product = await DelaysAsync(cluster, "bench-commit", workspace.PathOf("host-bench-commit/lake/logs"));
            workspace.Say($"product: p50 {Statistics.Percentile(product, 0.5):N0} ms, p99 {Statistics.Percentile(product, 0.99):N0} ms");
        }

        await cluster.CreateTopicAsync("bench-commit-peer", BenchTopic.Partitions);
        var sql = workspace.PathOf("ours.sql");
        await File.WriteAllTextAsync(sql, SparkUnderTest.Sql);
        var table = await SparkUnderTest.MakeTablesAsync(cluster.Brokers, "bench-commit-peer", workspace.PathOf("peer"));
        await using (var plain = await PlainSpark.StartAsync(SparkUnderTest.Options(), workspace))
        {
            await plain.FollowAsync(cluster.Brokers, "bench-commit-peer", sql, table, workspace.PathOf("peer-checkpoint"), Batch);
            peer = await DelaysAsync(cluster, "bench-commit-peer", table);
        }

        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Rate:N0} events/s in groups of {Rate / GroupsPerSecond} to three partitions for {Measured.TotalSeconds:0} s after {Warm.TotalSeconds:0} s; from the call that produces an event to the commit that holds it; Spark 4 with Delta, local[2], a batch each 500 ms.\n\n");
        text.Append("| | p50 | p95 | p99 | max |\n|---|---|---|---|---|\n");
        text.Append(Row("LogPipeline, the whole host", product)).Append(Row("the same SQL in a Java program, tuned the same", peer));
        text.Append(CultureInfo.InvariantCulture, $"\nRatio to the peer: p50 **{Statistics.Percentile(product, 0.5) / Statistics.Percentile(peer, 0.5):0.00}**, p99 **{Statistics.Percentile(product, 0.99) / Statistics.Percentile(peer, 0.99):0.00}**.\n");
        return text.ToString();
    }

    private static string Row(string name, List<double> delays) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {name} | {Statistics.Percentile(delays, 0.5):N0} ms | {Statistics.Percentile(delays, 0.95):N0} ms | {Statistics.Percentile(delays, 0.99):N0} ms | {delays[^1]:N0} ms |\n");

    private static async Task<List<double>> DelaysAsync(KafkaCluster cluster, string topic, string table)
    {
        using var producer = cluster.Producer();
        _ = await ProduceAsync(producer, topic, Warm);
        var produced = await ProduceAsync(producer, topic, Measured);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        var committed = CommitTimes.Read(table);
        while (!produced.Keys.All(committed.ContainsKey))
        {
            await Task.Delay(500, patience.Token);
            committed = CommitTimes.Read(table);
        }

        return [.. produced.Select(one => committed[one.Key] - one.Value).Order()];
    }

    /// <summary>Produces at a steady rate; gives milliseconds since 1970 of each call, by partition and offset.</summary>
    private static async Task<ConcurrentDictionary<(int Partition, long Offset), double>> ProduceAsync(IProducer<string?, byte[]?> producer, string topic, TimeSpan duration)
    {
        var produced = new ConcurrentDictionary<(int, long), double>();
        var lines = BenchEvents.Lines(Rate * (int)duration.TotalSeconds, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()).Chunk(Rate / GroupsPerSecond);
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / GroupsPerSecond));
        foreach (var group in lines)
        {
            await timer.WaitForNextTickAsync();
            foreach (var line in group)
            {
                var at = (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).TotalMilliseconds;
                producer.Produce(topic, new Message<string?, byte[]?> { Value = Encoding.UTF8.GetBytes(line) }, report => produced[(report.Partition.Value, report.Offset.Value)] = at);
            }
        }

        producer.Flush();
        return produced;
    }
}
