using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using LogPipeline.Benchmarks.EndToEnd;
using LogPipeline.Tests.Engines;

namespace LogPipeline.Benchmarks.Spark;

/// <summary>A backlog in a topic into Delta by Structured Streaming: the product's query beside the same SQL and a hand-written one in a Java program, then the whole host with every derived table.</summary>
internal static class BacklogFigure
{
    private const int Events = 500_000;
    private const int WarmUp = 50_000;
    private const int Rounds = 3;
    private const long Batch = 500_000;
    private const string Topic = "bench-backlog";
    private const string WarmTopic = "bench-warm";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public static async Task<string> MeasureAsync(Workspace workspace)
    {
        if ((SparkUnderTest.Missing ?? BenchTopic.Missing) is { } missing)
        {
            return missing;
        }

        await using var cluster = await BenchTopic.StartAsync();
        _ = await BenchTopic.FillAsync(cluster, WarmTopic, WarmUp);
        var bytes = await BenchTopic.FillAsync(cluster, Topic, Events);
        var (product, same, byHand) = (new List<double>(), new List<double>(), new List<double>());
        await using (var spark = await SparkUnderTest.StartAsync(workspace))
        await using (var plain = await PlainSpark.StartAsync(SparkUnderTest.Options(), workspace))
        {
            var ours = await WriteAsync(workspace, "ours.sql", SparkUnderTest.Sql);
            var theirs = await WriteAsync(workspace, "by-hand.sql", PlainSpark.ByHand);
            var run = 0;
            await RoundAsync(WarmTopic, WarmUp, isMeasured: false);
            for (var round = 1; round <= Rounds; round++)
            {
                await RoundAsync(Topic, Events, isMeasured: true);
                workspace.Say($"round {round}: product {product[^1]:N0}, same SQL from Java {same[^1]:N0}, by hand {byHand[^1]:N0} rows/s");
            }

            async Task RoundAsync(string topic, int events, bool isMeasured)
            {
                run++;
                var lake = workspace.PathOf($"lake-{run}");
                var table = await SparkUnderTest.MakeTablesAsync(cluster.Brokers, topic, workspace.PathOf($"same-{run}"));
                var seconds = new[]
                {
                    await spark.StoreAllAsync(cluster.Brokers, topic, lake, workspace.PathOf($"checkpoints-{run}"), Batch),
                    await plain.StoreAllAsync(cluster.Brokers, topic, ours, table, workspace.PathOf($"same-{run}-checkpoint"), Batch),
                    await plain.StoreAllAsync(cluster.Brokers, topic, theirs, workspace.PathOf($"hand-{run}"), workspace.PathOf($"hand-{run}-checkpoint"), Batch),
                };
                foreach (var written in (string[])[Path.Combine(lake, "logs"), table, workspace.PathOf($"hand-{run}")])
                {
                    await CheckAsync(spark, written, events);
                }

                if (isMeasured)
                {
                    product.Add(events / seconds[0]);
                    same.Add(events / seconds[1]);
                    byHand.Add(events / seconds[2]);
                }
            }
        }

        var whole = await HostAsync(workspace, cluster);
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Events:N0} JSON events of {bytes / Events} B wait in three partitions of one broker on the same machine; Spark 4 with Delta, local[2], warm; {Rounds} rounds, each from opening the topic to the end of the query; equal rows, bytes and positions asserted in every table.\n\n");
        text.Append("| | rows/s |\n|---|---|\n");
        text.Append(CultureInfo.InvariantCulture, $"| LogPipeline, `logs` alone | {Statistics.Median(product):N0} |\n");
        text.Append(CultureInfo.InvariantCulture, $"| the same SQL in a Java program on Spark's own API, into a table made the same | {Statistics.Median(same):N0} |\n");
        text.Append(CultureInfo.InvariantCulture, $"| `from_json` by hand in that program: no attributes, no dead letters | {Statistics.Median(byHand):N0} |\n");
        text.Append(CultureInfo.InvariantCulture, $"| LogPipeline, the whole host: `logs`, `logs_by_minute`, `dead_letters` and live pages, producing included | {whole:N0} |\n");
        text.Append(CultureInfo.InvariantCulture, $"\nRatio to the same SQL from Java, median of the rounds: **{Ratio(product, same):0.00}**; to the one by hand **{Ratio(product, byHand):0.00}**; the whole host to the same SQL **{whole / Statistics.Median(same):0.00}**.\n");
        return text.ToString();
    }

    private static double Ratio(List<double> ours, List<double> others) => Statistics.Median(ours.Zip(others, (one, other) => one / other));

    private static async Task<string> WriteAsync(Workspace workspace, string name, string sql)
    {
        await File.WriteAllTextAsync(workspace.PathOf(name), sql);
        return workspace.PathOf(name);
    }

    /// <summary>Every record is in the table once.</summary>
    private static async Task CheckAsync(SparkUnderTest spark, string table, int events)
    {
        var count = await spark.Session.SqlAsync($"SELECT count(DISTINCT event_partition, event_offset) AS positions, count(bytes) AS bytes FROM delta.`{table}`");
        await foreach (var batch in count.CollectAsync())
        {
            foreach (var column in batch.Arrays.Cast<Apache.Arrow.Int64Array>())
            {
                if (column.GetValue(0) != events)
                {
                    throw new InvalidOperationException($"{table} holds {column.GetValue(0)} of {events} records");
                }
            }
        }
    }

    /// <summary>The host from its first record to the last row of every table, warm; gives rows a second.</summary>
    private static async Task<double> HostAsync(Workspace workspace, KafkaCluster cluster)
    {
        await using var host = await SparkHost.StartAsync(workspace, cluster, "bench-host", "Lake:ByMinuteInterval=1s");
        _ = BenchTopic.Produce(cluster, "bench-host", WarmUp);
        await UntilAsync(host, WarmUp);
        var started = TimeProvider.System.GetTimestamp();
        _ = BenchTopic.Produce(cluster, "bench-host", Events);
        await UntilAsync(host, WarmUp + Events);
        var rate = Events / TimeProvider.System.GetElapsedTime(started).TotalSeconds;
        workspace.Say($"whole host: {rate:N0} rows/s");
        return rate;
    }

    private static async Task UntilAsync(HostProcess host, long rows)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (await StoredAsync(host) < rows || await DerivedAsync(host) < rows)
        {
            await Task.Delay(100, patience.Token);
        }
    }

    private static async Task<long> StoredAsync(HostProcess host)
    {
        using var health = JsonDocument.Parse(await host.Client.GetStringAsync(new Uri("/health", UriKind.Relative)));
        return health.RootElement.GetProperty("conservation").GetProperty("stored").GetInt64();
    }

    private static async Task<long> DerivedAsync(HostProcess host)
    {
        using var answer = await host.Client.PostAsJsonAsync(new Uri("/api/query", UriKind.Relative), new { query = "SELECT sum(n) AS n FROM delta_lake.logs_by_minute" });
        if (!answer.IsSuccessStatusCode)
        {
            return 0;
        }

        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return document.RootElement.GetProperty("results")[0].GetProperty("n") is { ValueKind: JsonValueKind.Number } sum ? sum.GetInt64() : 0;
    }
}
