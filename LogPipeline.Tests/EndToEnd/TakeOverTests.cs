using System.Diagnostics;
using System.Text.Json;
using LogPipeline.Tests.Engines;
using LogPipeline.Tests.Spark.Broker;
using LogPipeline.Tests.Spark.Streaming;
using Xunit;

namespace LogPipeline.Tests.EndToEnd;

/// <summary>Two real hosts on one topic and one lake folder: one writes, the other stands by and goes on when the first is killed or stands still, and every row is stored exactly once.</summary>
[Collection(Alone.Name)]
public sealed class TakeOverTests(KafkaServer kafka, SparkConnectServer spark, ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private const int Burst = 100;
    private readonly TestFolder folder = new();
    private readonly string topic = $"web-logs-{Guid.NewGuid():N}";
    private int produced;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public Task The_embedded_writer_is_taken_over() => TakeTurnsAsync(["Embedded", "Embedded"], [], TestScale.Of(2, 8));

    [Fact]
    public async Task A_writer_whose_queries_run_on_in_a_shared_spark_is_taken_over_by_either_engine()
    {
        var server = await spark.GetAsync();
        await TakeTurnsAsync(
            ["Spark", "Spark", "Embedded"],
            server.WriterSettings,
            TestScale.Of(2, 4));
    }

    private async Task TakeTurnsAsync(string[] engines, string[] more, int rounds)
    {
        var random = new Random(TestScale.Seed);
        output.WriteLine($"LOGPIPELINE_SEED={TestScale.Seed}");
        var cluster = await kafka.GetAsync();
        var writer = await StartAsync(cluster, 0, engines[0], more);
        HostProcess? standby = null;
        try
        {
            await UntilAsync(writer, "following");
            cluster.Produce(topic, OutsideProducer.Messages(0, produced = 1_000));
            for (var round = 1; round <= rounds; round++)
            {
                standby = await StartAsync(cluster, round, engines[round % engines.Length], more);
                await UntilAsync(standby, "standby");
                Assert.Equal(writer.Id, (await WriterAsync(standby)).GetProperty("writtenBy").GetProperty("process").GetInt32());
                using var stop = new CancellationTokenSource();
                var producing = ProduceAsync(cluster, stop.Token);
                await Task.Delay(random.Next(200, 2_000), Cancel);
                var isKilled = round % 2 == 1;
                if (isKilled)
                {
                    await writer.KillAsync();
                }
                else
                {
                    Processes.Signal(writer.Id, "STOP");
                }

                var watch = Stopwatch.StartNew();
                await UntilAsync(standby, "following");
                output.WriteLine($"{round}: {(isKilled ? "killed" : "stopped")}; {engines[round % engines.Length]} follows after {watch.Elapsed.TotalSeconds:0.0} s");
                if (!isKilled)
                {
                    Processes.Signal(writer.Id, "CONT");
                    await UntilAsync(writer, "standby");
                    Assert.Equal(0, await writer.InterruptAsync());
                }

                await stop.CancelAsync();
                await producing;
                await writer.DisposeAsync();
                (writer, standby) = (standby, null);
                await AllStoredOnceAsync(writer);
            }

            Assert.Equal(0, await writer.InterruptAsync());
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            output.WriteLine($"{writer.Log}\n--- standby:\n{standby?.Log}");
            throw;
        }
        finally
        {
            await writer.DisposeAsync();
            await (standby?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    private Task<HostProcess> StartAsync(KafkaCluster cluster, int number, string engine, string[] more) => HostProcess.StartAsync(
        "serve", folder.PathOf($"host-{number}"),
        [.. ((string[])[.. more, "Broker=Kafka", $"Engine={engine}", $"Lake:Path={folder.PathOf("lake")}", $"Lake:LeaseDuration={Lease.TotalSeconds}s", "Lake:ByMinuteInterval=1s", $"Kafka:Brokers={cluster.Brokers}",
            $"Kafka:GroupId=of-{topic}", "Kafka:ConnectTimeout=90s", $"Streams:web-logs:Topic={topic}"]).SelectMany(setting => (string[])["--set", setting])]);

    private async Task ProduceAsync(KafkaCluster cluster, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            cluster.Produce(topic, OutsideProducer.Messages(produced, produced + Burst));
            produced += Burst;
            await Task.Delay(50, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task AllStoredOnceAsync(HostProcess host)
    {
        var bad = OutsideProducer.Bad(produced);
        var seen = "";
        var watch = Stopwatch.StartNew();
        while (seen != $"{produced - bad}|{bad}|{produced - bad}")
        {
            Assert.True(watch.Elapsed < Patience, $"Of {produced} there are {seen}");
            await Task.Delay(100, Cancel);
            seen = $"{await host.NumberAsync("SELECT count(*) AS n FROM delta_lake.logs")}|{await host.NumberAsync("SELECT count(*) AS n FROM delta_lake.dead_letters")}"
                + $"|{await host.NumberAsync("SELECT sum(n) AS n FROM delta_lake.logs_by_minute")}";
        }

        await host.AssertStoredOnceAsync(produced);
    }

    private static async Task UntilAsync(HostProcess host, string state)
    {
        var watch = Stopwatch.StartNew();
        while (await WriterAsync(host) is var writer && writer.GetProperty("state").GetString() != state)
        {
            Assert.True(watch.Elapsed < Patience, $"Not {state} but {writer}");
            await Task.Delay(20, Cancel);
        }
    }

    private static async Task<JsonElement> WriterAsync(HostProcess host)
    {
        using var answer = await host.Client.GetAsync(new Uri("/health", UriKind.Relative), Cancel);
        using var health = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel));
        return health.RootElement.GetProperty("writer").Clone();
    }
}
