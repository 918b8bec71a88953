using System.Globalization;
using System.Text;
using LogPipeline.Tests.Engines;

namespace LogPipeline.Benchmarks.EndToEnd;

/// <summary>A topic of JSON events, read from a real broker: parsed into Arrow and folded into live metrics, beside loops that read the same messages and look at nothing.</summary>
internal static class KafkaFigure
{
    private const int Events = 6_000_000;
    private const int Pairs = 5;
    private const string Topic = "bench-web-logs";

    public static async Task<string> MeasureAsync(Workspace workspace)
    {
        if (BenchTopic.Missing is { } missing)
        {
            return missing;
        }

        await using var cluster = await BenchTopic.StartAsync();
        var bytes = await BenchTopic.FillAsync(cluster, Topic, Events);
        workspace.Say($"{Events:N0} events of {bytes / Events} B in the topic");

        // Once unmeasured: the files of the broker are in memory and its code is compiled.
        _ = await RunAsync(KafkaReaders.Raw, cluster, bytes);
        string[] readers = [KafkaReaders.Product, KafkaReaders.Consume, KafkaReaders.Raw];
        var runs = readers.ToDictionary(reader => reader, _ => new List<Run>());
        for (var pair = 0; pair < Pairs; pair++)
        {
            foreach (var reader in readers)
            {
                runs[reader].Add(await RunAsync(reader, cluster, bytes));
            }

            workspace.Say($"round {pair + 1}: {string.Join(", ", readers.Select(reader => $"{reader} {runs[reader][^1].Rate:N0} ({runs[reader][^1].RatePerCpu:N0} of processor time)"))} events/s");
        }

        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Events:N0} JSON events of {bytes / Events} B in three partitions of one broker (lz4) on the same machine; {Pairs} rounds, each reader in a process of its own, from its first call to its last message; equal counts and bytes asserted. The broker takes its part of the same processors.\n\n");
        text.Append("| | events/s | events/s of processor time | peak memory |\n|---|---|---|---|\n");
        text.Append(Row("LogPipeline: parsed into Arrow and in the live metrics", runs[KafkaReaders.Product]));
        text.Append(Row("Confluent.Kafka, `Consume()` loop that parses nothing", runs[KafkaReaders.Consume]));
        text.Append(Row("librdkafka, batch calls, messages not looked at", runs[KafkaReaders.Raw]));
        text.Append(CultureInfo.InvariantCulture, $"\nRatio to the `Consume()` loop, median of the rounds: **{Ratio(runs, KafkaReaders.Consume, run => run.Rate):0.00}**, by processor time {Ratio(runs, KafkaReaders.Consume, run => run.RatePerCpu):0.00}; to the librdkafka loop: **{Ratio(runs, KafkaReaders.Raw, run => run.Rate):0.00}**, by processor time {Ratio(runs, KafkaReaders.Raw, run => run.RatePerCpu):0.00}.\n");
        return text.ToString();
    }

    private static async Task<Run> RunAsync(string reader, KafkaCluster cluster, long bytes)
    {
        var process = await MeasuredProcess.RunAsync(Environment.ProcessPath!, [KafkaReaders.Verb, reader, cluster.Brokers, Topic, Events.ToString(CultureInfo.InvariantCulture)]);
        var result = KafkaReaders.Result.Read(process.Output);
        return result.Events == Events && (result.Bytes is null || result.Bytes == bytes)
            ? new Run(Events / result.Seconds, Events / result.CpuSeconds, process.PeakBytes)
            : throw new InvalidOperationException($"{reader} read {result.Events} events and {result.Bytes} bytes, not {Events} and {bytes}");
    }

    private static double Ratio(Dictionary<string, List<Run>> runs, string peer, Func<Run, double> rate) =>
        Statistics.Median(runs[KafkaReaders.Product].Zip(runs[peer], (ours, other) => rate(ours) / rate(other)));

    private static string Row(string name, List<Run> runs) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {name} | {Statistics.Median(runs.Select(run => run.Rate)):N0} | {Statistics.Median(runs.Select(run => run.RatePerCpu)):N0} | {runs.Max(run => run.PeakBytes) / 1e6:N0} MB |\n");

    private sealed record Run(double Rate, double RatePerCpu, long PeakBytes);
}
