using System.Diagnostics;
using LogPipeline.Tests.Engines;
using Xunit;

namespace LogPipeline.Tests.EndToEnd;

/// <summary>Brokers and hosts that are killed or stand still under load: what was acknowledged is in the table exactly once, and health says so meanwhile.</summary>
[Collection(Alone.Name)]
public sealed class KafkaFaultTests(KafkaServer kafka, ITestOutputHelper output) : IDisposable
{
    // Health is true within three seconds; a machine under load gets more.
    private static readonly TimeSpan SeenWithin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(240);
    private readonly TestFolder folder = new();
    private readonly AcknowledgedTraffic traffic = new() { Repeats = true };
    private readonly string topic = $"web-logs-{Guid.NewGuid():N}";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_broker_that_is_killed_or_stands_still_costs_nothing_and_doubles_nothing()
    {
        await using var cluster = await KafkaServer.StartPrivateAsync();
        await using var host = await StartHostAsync(cluster);
        for (var round = 0; round < TestScale.Of(1, 3); round++)
        {
            await UnderLoadAsync(host, $"kill-{round}", cluster.Nodes[0].KillAsync, "disconnected", () => cluster.Nodes[0].StartAsync());
            await UnderLoadAsync(host, $"pause-{round}", cluster.Nodes[0].PauseAsync, "disconnected", async () =>
            {
                await Task.Delay(TimeSpan.FromSeconds(TestScale.Of(2, 30)), Cancel);
                await cluster.Nodes[0].ResumeAsync();
            });
        }

        await StoredOnceAsync(host);
    }

    [Fact]
    public async Task One_of_three_brokers_killed_while_producing_leaves_the_others_at_work()
    {
        await using var cluster = await KafkaServer.StartPrivateAsync(nodes: 3);
        await using var host = await StartHostAsync(cluster);
        for (var round = 0; round < TestScale.Of(1, 3); round++)
        {
            var node = cluster.Nodes[round % 3];
            await UnderLoadAsync(host, $"one-{round}", node.KillAsync, "partial", async () =>
            {
                await FlowsAsync(host);
                await node.StartAsync();
            });
        }

        await StoredOnceAsync(host);
    }

    [Fact]
    public async Task A_host_killed_with_kill_9_and_started_again_stores_what_it_acknowledged_exactly_once()
    {
        var random = new Random(TestScale.Seed);
        output.WriteLine($"LOGPIPELINE_SEED={TestScale.Seed}");
        await using var host = await StartHostAsync(await kafka.GetAsync());
        var rounds = TestScale.Of(3, 20);
        for (var round = 0; round < rounds; round++)
        {
            if (round > 0)
            {
                await host.StartAgainAsync();
            }

            using var stop = new CancellationTokenSource();
            var sending = traffic.SendAsync(host, $"r{round}", stop.Token);
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(300, 2_500)), Cancel);
            await host.KillAsync();
            await stop.CancelAsync();
            await sending;
        }

        await host.StartAgainAsync();
        await StoredOnceAsync(host);
    }

    public void Dispose() => folder.Dispose();

    private Task<HostProcess> StartHostAsync(KafkaCluster cluster) => HostProcess.StartAsync(
        "serve", folder.Path, "--set", "Broker=Kafka", "--set", $"Kafka:Brokers={cluster.Brokers}", "--set", $"Kafka:GroupId=of-{topic}",
        "--set", "Kafka:ConnectTimeout=90s", "--set", $"Streams:web-logs:Topic={topic}");

    /// <summary>Breaks something while events are sent, waits until health says what it means, mends it, and waits until all is well and events flow.</summary>
    private async Task UnderLoadAsync(HostProcess host, string round, Func<Task> breakIt, string state, Func<Task> mend)
    {
        using var stop = new CancellationTokenSource();
        var sending = traffic.SendAsync(host, round, stop.Token);
        await FlowsAsync(host);
        await breakIt();
        await UntilStateAsync(host, state, round, SeenWithin);
        await mend();
        await UntilStateAsync(host, "connected", round, Patience);
        await FlowsAsync(host);
        await stop.CancelAsync();
        await sending;
    }

    private Task FlowsAsync(HostProcess host)
    {
        var before = traffic.Acknowledged.Count;
        return UntilAsync(
            () =>
            {
                Assert.True(host.ExitCode is null, $"The host ended with {host.ExitCode}:\n{host.Log}");
                return Task.FromResult(traffic.Acknowledged.Count > before + 20);
            }, "events are acknowledged", Patience);
    }

    /// <summary>Waits until the brokers are in a state, as <c>/health</c> has it.</summary>
    private async Task UntilStateAsync(HostProcess host, string state, string round, TimeSpan patience)
    {
        var watch = Stopwatch.StartNew();
        string? seen = null;
        while (true)
        {
            using var health = await HealthAsync(host);
            var brokers = health.RootElement.GetProperty("kafka");
            var now = $"{brokers.GetProperty("state").GetString()}: {brokers.GetProperty("problem").GetString()}";
            if (now != seen)
            {
                output.WriteLine($"{round}: {watch.Elapsed.TotalSeconds:0.0} s: {now}");
                seen = now;
            }

            if (brokers.GetProperty("state").GetString() == state)
            {
                return;
            }

            Assert.True(watch.Elapsed < patience, $"Not {state} within {patience.TotalSeconds:0} s ({round}) but {now}");
            await Task.Delay(50, Cancel);
        }
    }

    private static async Task<System.Text.Json.JsonDocument> HealthAsync(HostProcess host)
    {
        try
        {
            using var answer = await host.Client.GetAsync(new Uri("/health", UriKind.Relative), Cancel);
            return System.Text.Json.JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel));
        }
        catch (HttpRequestException error)
        {
            throw new InvalidOperationException($"The host does not answer (exit code {host.ExitCode}): {error.Message}\n{host.Log}", error);
        }
    }

    /// <summary>Waits until nothing is in flight, stops the host, and looks at the table.</summary>
    private async Task StoredOnceAsync(HostProcess host)
    {
        await UntilAsync(async () =>
        {
            using var health = await HealthAsync(host);
            var conservation = health.RootElement.GetProperty("conservation");
            return conservation.GetProperty("inFlight").GetInt64() == 0 && conservation.GetProperty("difference").GetInt64() == 0 && conservation.GetProperty("stored").GetInt64() > 0;
        }, "nothing is in flight and records add up", Patience);
        Assert.Equal(0, await host.InterruptAsync());
        output.WriteLine(traffic.ToString());
        Assert.True(traffic.Acknowledged.Count > 10, "Too little was acknowledged to prove anything");
        await traffic.AssertStoredOnceAsync(folder.Path);
    }

    private static async Task UntilAsync(Func<Task<bool>> condition, string what, TimeSpan patience)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(watch.Elapsed < patience, $"Not within {patience.TotalSeconds:0} s: {what}");
            await Task.Delay(50, Cancel);
        }
    }
}
