using System.Text.Json;
using LogPipeline.Tests.Engines;
using LogPipeline.Tests.Spark.Broker;
using Xunit;

namespace LogPipeline.Tests.EndToEnd;

/// <summary>The real host in a process of its own, on real Kafka, with a real Spark that it starts itself: what an outside producer wrote is on every way out exactly once, whatever is killed.</summary>
[Collection(Alone.Name)]
public sealed class SparkWriterHostTests(KafkaServer kafka, ITestOutputHelper output)
{
    [Fact]
    public async Task Kills_of_spark_and_of_the_host_lose_nothing_and_repeat_nothing()
    {
        var total = TestScale.Of(10_000, 100_000);
        await using var host = await SparkStreamHost.StartAsync(await kafka.GetAsync(), $"Spark:Streaming:MaxOffsetsPerTrigger={total / 10}");
        host.Produce(total / 2);
        await host.UntilStoredAsync(atLeast: 1);
        output.WriteLine("Spark is killed");
        Processes.Kill(host.Server);
        host.Produce(total / 2);
        await host.UntilStoredAsync(atLeast: total / 2);
        output.WriteLine("The host is killed");
        await host.Process.KillAsync();
        await host.Process.StartAgainAsync();

        await host.AssertStoredOnceAsync();
        Assert.Equal(host.Good, await TotalAsync(host.Process));
        Assert.Equal(host.Good, await TotalOfEventStreamAsync(host.Process));
        _ = host.Server;
        Assert.Equal(0, await host.Process.InterruptAsync());
        Assert.Empty(host.Servers);
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
