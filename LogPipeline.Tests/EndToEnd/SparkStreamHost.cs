using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using LogPipeline.Spark.Broker;
using LogPipeline.Spark.Connect.Protocol;
using LogPipeline.Tests.Engines;
using LogPipeline.Tests.Spark.Broker;
using LogPipeline.Tests.Spark.Streaming;
using Xunit;

namespace LogPipeline.Tests.EndToEnd;

/// <summary>The real host in a process of its own, which stores a topic of Kafka through a Spark that it starts itself, and the outside producer of that topic.</summary>
internal sealed class SparkStreamHost : IAsyncDisposable
{
    private readonly TestFolder folder = new();
    private readonly string topic = $"web-logs-{Guid.NewGuid():N}";
    private readonly KafkaCluster cluster;
    private HostProcess? process;

    private SparkStreamHost(KafkaCluster cluster) => this.cluster = cluster;

    /// <summary>The topic.</summary>
    public string Topic => topic;

    /// <summary>The host.</summary>
    public HostProcess Process => process!;

    /// <summary>Its data folder.</summary>
    public string Folder => folder.Path;

    /// <summary>Events that were produced so far, those that do not fit among them.</summary>
    public int Produced { get; private set; }

    /// <summary>How many of them fit.</summary>
    public int Good => Produced - OutsideProducer.Bad(Produced);

    /// <summary>The one Spark server; a failed test when there is none, or a second one.</summary>
    public int Server => Assert.Single(Servers);

    /// <summary>Spark servers of the data folder.</summary>
    public IReadOnlyList<int> Servers => Processes.With(folder.Path);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Starts it; the test is skipped where there is no Spark.</summary>
    /// <param name="cluster">Where its topic is.</param>
    /// <param name="more">Further settings, such as <c>Query:Timeout=5m</c>.</param>
    public static async Task<SparkStreamHost> StartAsync(KafkaCluster cluster, params string[] more)
    {
        var home = RealSpark.Options().Home!;
        var host = new SparkStreamHost(cluster);
        string[] settings =
        [
            "Broker=Kafka", "Engine=Spark", $"Kafka:Brokers={cluster.Brokers}", $"Kafka:GroupId=of-{host.topic}", "Kafka:ConnectTimeout=5min", $"Streams:web-logs:Topic={host.topic}",
            $"Spark:Home={home}", "Spark:Master=local[2]", "Spark:MemoryBytes=1GiB", "Spark:StartTimeout=10m", "Spark:MaxRestarts=100", "Spark:Streaming:DeadLetterInterval=2s",
            "Lake:ByMinuteInterval=1s", "Query:Timeout=45s", .. more,
        ];
        try
        {
            host.process = await HostProcess.StartAsync("serve", host.Folder, [.. settings.SelectMany(setting => (string[])["--set", setting])]);
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Writes the next events to the topic.</summary>
    public void Produce(int count)
    {
        cluster.Produce(topic, OutsideProducer.Messages(Produced, Produced + count));
        Produced += count;
    }

    /// <summary>Waits until the table has a number of rows, as Spark says.</summary>
    public Task UntilStoredAsync(int atLeast) => UntilAsync(async () => await NumberAsync("SELECT count(*) AS n FROM delta_lake.logs") >= atLeast, $"{atLeast} rows are stored");

    /// <summary>Produces, and waits until everything so far is stored: all is well again.</summary>
    public async Task FlowsAsync(int count = 1_000)
    {
        Produce(count);
        await UntilStoredAsync(Good);
    }

    /// <summary>Waits until all that was produced is stored, and looks whether anything is there twice.</summary>
    public async Task AssertStoredOnceAsync()
    {
        var bad = OutsideProducer.Bad(Produced);
        await UntilStoredAsync(Good);
        await UntilAsync(async () => await NumberAsync("SELECT count(*) AS n FROM delta_lake.dead_letters") >= bad, $"{bad} dead letters are stored");
        Assert.Equal(Good, await NumberAsync("SELECT count(DISTINCT trace_id) AS n FROM delta_lake.logs"));
        Assert.Equal(Good, await NumberAsync("SELECT count(*) AS n FROM delta_lake.logs"));
        Assert.Equal(bad, await NumberAsync("SELECT count(*) AS n FROM delta_lake.dead_letters"));
        Assert.Equal(Produced, await NumberAsync("SELECT count(*) AS n FROM (SELECT event_partition, event_offset FROM delta_lake.logs UNION SELECT event_partition, event_offset FROM delta_lake.dead_letters)"));
        await UntilAsync(async () => await NumberAsync("SELECT sum(n) AS n FROM delta_lake.logs_by_minute") == Good, "the rows of all minutes are all rows");
    }

    /// <summary>Column <c>n</c> of the first row of an answer; -1 while there is none.</summary>
    public async Task<long> NumberAsync(string sql)
    {
        var (status, answer) = await AskAsync(new { query = sql });
        using (answer)
        {
            return status == HttpStatusCode.OK && answer.RootElement.GetProperty("results")[0].GetProperty("n") is { ValueKind: JsonValueKind.Number } number ? number.GetInt64() : -1;
        }
    }

    /// <summary>Sends a statement to <c>/api/query</c>.</summary>
    public async Task<(HttpStatusCode Status, JsonDocument Answer)> AskAsync(object body, CancellationToken cancellationToken = default)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(Token, cancellationToken);
        using var response = await Process.Client.PostAsJsonAsync(new Uri("/api/query", UriKind.Relative), body, either.Token);
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync(either.Token)));
    }

    /// <summary>Waits until <c>/health</c> is as wanted.</summary>
    /// <returns>What the second function reads from it.</returns>
    public async Task<T> HealthAsync<T>(Func<JsonElement, bool> isWanted, Func<JsonElement, T> read, string what)
    {
        T? found = default;
        await UntilAsync(
            async () =>
            {
                using var response = await Process.Client.GetAsync(new Uri("/health", UriKind.Relative), Token);
                using var health = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token));
                var isThere = isWanted(health.RootElement);
                found = isThere ? read(health.RootElement) : found;
                return isThere;
            }, what);
        return found!;
    }

    /// <summary>Waits for a session on a server.</summary>
    /// <returns>Its id.</returns>
    public Task<string> SessionAsync(int server) => HealthAsync(
        health => health.GetProperty("spark") is var spark && spark.GetProperty("state").GetString() == "connected" && spark.GetProperty("processId") is { ValueKind: JsonValueKind.Number } id && id.GetInt32() == server,
        health => health.GetProperty("spark").GetProperty("sessionId").GetString()!, $"a session on server {server}");

    /// <summary>The run of the streaming query that stored the latest batch.</summary>
    public Task<string> RunAsync() => HealthAsync(
        health => health.GetProperty("writer").GetProperty("runId").ValueKind == JsonValueKind.String, health => health.GetProperty("writer").GetProperty("runId").GetString()!, "a batch is stored");

    /// <summary>Ends a session as another client of the server could: nothing in the host is told.</summary>
    public async Task ReleaseSessionAsync(string session)
    {
        var record = SparkServerRecord.Read(new SparkServerFolder(folder.PathOf("state")).Record)!;
        using var channel = GrpcChannel.ForAddress(string.Create(CultureInfo.InvariantCulture, $"http://{record.Host}:{record.Port}"));
        var client = new SparkConnectService.SparkConnectServiceClient(channel);
        using var call = client.ReleaseSessionAsync(
            new ReleaseSessionRequest { SessionId = session, UserContext = new UserContext { UserId = Environment.UserName } },
            new Metadata { { "authorization", $"Bearer {record.Token}" } },
            cancellationToken: Token);
        await call;
    }

    /// <summary>Asks again until something holds; queries have no answer while what they need is down.</summary>
    public async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(RealSpark.Patience);
        while (!await condition())
        {
            Assert.True(Process.ExitCode is null, $"The host ended with {Process.ExitCode}:\n{Process.Log}");
            Assert.False(patience.IsCancellationRequested, $"Not within {RealSpark.Patience}: {what}\n{Process.Log}");
            await Task.Delay(200, Token);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            await process.DisposeAsync();
        }

        folder.Dispose();
    }
}
