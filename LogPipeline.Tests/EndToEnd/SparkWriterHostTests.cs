using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using LogPipeline.Spark.Broker;
using LogPipeline.Tests.Engines;
using LogPipeline.Tests.Spark.Broker;
using LogPipeline.Tests.Spark.Streaming;
using Xunit;

namespace LogPipeline.Tests.EndToEnd;

/// <summary>The real host in a process of its own, on real Kafka, with a real Spark that it starts itself: what an outside producer wrote is on every way out exactly once, whatever is killed.</summary>
[Collection(Alone.Name)]
public sealed class SparkWriterHostTests(KafkaServer kafka, ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);
    private readonly string topic = $"web-logs-{Guid.NewGuid():N}";

    [Fact]
    public async Task Kills_of_spark_and_of_the_host_lose_nothing_and_repeat_nothing()
    {
        var cluster = await kafka.GetAsync();
        var home = RealSpark.Options().Home!;
        var total = TestScale.Of(10_000, 100_000);
        using var folder = new TestFolder();
        await using var host = await HostProcess.StartAsync(
            "serve", folder.Path, Settings("Broker=Kafka", "Engine=Spark", $"Kafka:Brokers={cluster.Brokers}", "Kafka:ConnectTimeout=5min", $"Streams:web-logs:Topic={topic}", $"Spark:Home={home}",
                "Spark:MemoryBytes=1GiB", "Lake:ByMinuteInterval=1s", "Spark:StartTimeout=10m", "Query:Timeout=45s", "Spark:Streaming:DeadLetterInterval=2s", $"Spark:Streaming:MaxOffsetsPerTrigger={total / 10}"));

        var messages = OutsideProducer.Messages(0, total).ToList();
        cluster.Produce(topic, messages[..(total / 2)]);
        await UntilStoredAsync(host, atLeast: 1);
        output.WriteLine("Spark is killed");
        using (var spark = Process.GetProcessById((await SparkServerAsync(folder)).ProcessId))
        {
            spark.Kill();
        }

        cluster.Produce(topic, messages[(total / 2)..]);
        await UntilStoredAsync(host, atLeast: total / 2);
        output.WriteLine("The host is killed");
        await host.KillAsync();
        await host.StartAgainAsync();
        await UntilStoredAsync(host, total - OutsideProducer.Bad(total));
        await EventuallyAsync(async () => await host.NumberAsync("SELECT count(*) AS n FROM delta_lake.dead_letters") == OutsideProducer.Bad(total));

        Assert.Equal(total - OutsideProducer.Bad(total), await host.NumberAsync("SELECT count(DISTINCT trace_id) AS n FROM delta_lake.logs"));
        Assert.Equal(total - OutsideProducer.Bad(total), await host.NumberAsync("SELECT count(*) AS n FROM delta_lake.logs"));
        Assert.Equal(total, await host.NumberAsync("SELECT count(*) AS n FROM (SELECT event_partition, event_offset FROM delta_lake.logs UNION SELECT event_partition, event_offset FROM delta_lake.dead_letters)"));
        await EventuallyAsync(async () => await host.NumberAsync("SELECT sum(n) AS n FROM delta_lake.logs_by_minute") == total - OutsideProducer.Bad(total));
        Assert.Equal(total - OutsideProducer.Bad(total), await TotalAsync(host));
        Assert.Equal(total - OutsideProducer.Bad(total), await TotalOfEventStreamAsync(host));
        Assert.Equal(1, await CountServersAsync(folder));
        Assert.Equal(0, await host.InterruptAsync());
        Assert.Equal(0, await CountServersAsync(folder));
    }

    private static string[] Settings(params string[] settings) => [.. settings.SelectMany(setting => (string[])["--set", setting])];

    private static async Task UntilStoredAsync(HostProcess host, int atLeast) =>
        await EventuallyAsync(async () => await host.NumberAsync("SELECT count(*) AS n FROM delta_lake.logs") >= atLeast);

    private static async Task EventuallyAsync(Func<Task<bool>> isTrue)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await isTrue())
        {
            await Task.Delay(500, patience.Token);
        }
    }

    private static async Task<SparkServerRecord> SparkServerAsync(TestFolder folder)
    {
        SparkServerRecord? record = null;
        await EventuallyAsync(() => Task.FromResult((record = SparkServerRecord.Read(new SparkServerFolder(folder.PathOf("state")).Record)) is not null));
        return record!;
    }

    /// <summary>Servers whose command line names the data folder.</summary>
    private static async Task<int> CountServersAsync(TestFolder folder)
    {
        var found = 0;
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), NumberStyles.None, CultureInfo.InvariantCulture, out _)))
        {
            try
            {
                var command = await File.ReadAllTextAsync(Path.Combine(process, "cmdline"), TestContext.Current.CancellationToken);
                var program = await File.ReadAllTextAsync(Path.Combine(process, "comm"), TestContext.Current.CancellationToken);
                found += program.StartsWith("java", StringComparison.Ordinal) && command.Contains(folder.Path, StringComparison.Ordinal) ? 1 : 0;
            }
            catch (IOException)
            {
                // It ended meanwhile.
            }
        }

        return found;
    }

    private static async Task<long> TotalAsync(HostProcess host)
    {
        using var metrics = JsonDocument.Parse(await host.Client.GetStringAsync(new Uri("/api/metrics", UriKind.Relative), TestContext.Current.CancellationToken));
        return metrics.RootElement.GetProperty("totalRequests").GetInt64();
    }

    /// <summary>What the first metrics of the event stream say.</summary>
    private static async Task<long> TotalOfEventStreamAsync(HostProcess host)
    {
        await using var stream = await host.Client.GetStreamAsync(new Uri("/events", UriKind.Relative), TestContext.Current.CancellationToken);
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) != "event: metrics")
        {
        }

        using var metrics = JsonDocument.Parse((await reader.ReadLineAsync(TestContext.Current.CancellationToken))!["data: ".Length..]);
        return metrics.RootElement.GetProperty("totalRequests").GetInt64();
    }
}
