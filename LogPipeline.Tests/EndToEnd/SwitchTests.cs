using System.Globalization;
using LogPipeline.Tests.Engines;
using Xunit;

namespace LogPipeline.Tests.EndToEnd;

/// <summary>Both switches, there and back, on real Kafka and real Spark: whatever is killed, every event is stored once.</summary>
[Collection(Alone.Name)]
public sealed class SwitchTests(KafkaServer kafka, SparkConnectServer spark, ITestOutputHelper output)
{
    private static readonly int Events = TestScale.Of(1_000, 5_000);

    [Fact]
    public async Task All_four_combinations_store_every_event_once_there_and_back()
    {
        output.WriteLine($"LOGPIPELINE_SEED={TestScale.Seed}");
        var random = new Random(TestScale.Seed);
        var server = await spark.GetAsync();
        await using var product = new SwitchedHost(await kafka.GetAsync(), [.. server.WriterSettings, "Broker=Embedded", "Engine=Embedded"]);
        var (broker, engine) = ("Embedded", "Embedded");
        foreach (var (nextBroker, nextEngine) in ((string, string)[])[("Embedded", "Embedded"), ("Embedded", "Spark"), ("Kafka", "Spark"), ("Kafka", "Embedded"), ("Kafka", "Spark"), ("Embedded", "Spark"), ("Embedded", "Embedded")])
        {
            if (nextBroker != broker)
            {
                await product.MustRunAsync("lake", "drain");
                product.Set("Broker", nextBroker);

                // The start is what switches the broker.
                await KillAsync(product, ["serve", "--port", "0"], TestScale.Of(nextBroker == "Kafka" ? 1 : 0, 2), random);
            }

            if (nextEngine != engine)
            {
                await SwitchEngineAsync(product, nextEngine, TestScale.Of(engine == "Spark" && broker == "Kafka" ? 1 : 0, 2), random);
            }

            (broker, engine) = (nextBroker, nextEngine);
            output.WriteLine($"{broker}, {engine}");
            await product.StartAsync();
            if (broker == "Kafka")
            {
                product.Produce(Events);
            }

            await product.PostAsync(Events);
            await product.AllStoredOnceAsync();
            await product.StopAsync();
        }
    }

    /// <summary>Switches, after it was killed some times while it did. Whatever is in the file then is an engine that can go on.</summary>
    private async Task SwitchEngineAsync(SwitchedHost product, string engine, int kills, Random random)
    {
        string[] command = ["engine", "switch", "--to", engine.ToLowerInvariant()];
        var before = product.Setting("Engine");
        await KillAsync(product, command, kills, random);
        Assert.Contains(product.Setting("Engine"), new[] { before, engine });
        await product.MustRunAsync(command);
        Assert.Equal(engine, product.Setting("Engine"));
    }

    private async Task KillAsync(SwitchedHost product, string[] command, int kills, Random random)
    {
        for (var kill = 0; kill < kills; kill++)
        {
            var moment = TimeSpan.FromMilliseconds(random.Next(300, 6_000));
            var ended = await product.KillWithinAsync(command, moment);
            output.WriteLine($"{string.Join(' ', command)}: {(ended ? "ended within" : "killed after")} {moment.TotalMilliseconds:f0} ms, the file says {product.Setting("Engine")}");
        }
    }
}
