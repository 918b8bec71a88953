using System.Globalization;
using System.Text.Json;
using Grpc.Core;
using Grpc.Net.Client;
using LogPipeline.Spark.Broker;
using LogPipeline.Spark.Connect.Protocol;
using LogPipeline.Spark.Streaming;
using LogPipeline.Tests.Engines;
using LogPipeline.Tests.Spark.Broker;
using LogPipeline.Tests.Spark.Streaming;
using Xunit;

namespace LogPipeline.Tests.EndToEnd;

/// <summary>The real host in a process of its own, which stores a topic of Kafka through a Spark that it starts itself, and the outside producer of that topic.</summary>
internal sealed class SparkStreamHost : IAsyncDisposable
{
    /// <summary>Time for a server and its session to start again on a machine that others load.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Each question costs Spark as much as a small batch.</summary>
    private static readonly TimeSpan PauseOfQueries = TimeSpan.FromSeconds(1);
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

    /// <summary>Numbers of the latest batch that the query which stores rows has begun, and of the latest that it has ended; -1 before the first.</summary>
    public (long Begun, long Ended) Batches
    {
        get
        {
            var rows = new StreamCheckpoints(Path.Combine(Folder, "state", "spark", "checkpoints")).Latest("web-logs")?.Rows.Folder;
            return rows is null ? (-1, -1) : (Highest(Path.Combine(rows, "offsets")), Highest(Path.Combine(rows, "commits")));

            static long Highest(string folder) => Directory.Exists(folder)
                ? Directory.EnumerateFiles(folder).Select(file => long.TryParse(Path.GetFileName(file), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1).DefaultIfEmpty(-1).Max()
                : -1;
        }
    }

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
            $"Spark:Home={home}", "Spark:Master=local[2]", "Spark:MemoryBytes=1GiB", "Spark:StartTimeout=10m", "Spark:MaxRestarts=100", "Spark:Streaming:DeadLetterInterval=20s",
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
    public Task UntilStoredAsync(int atLeast) => UntilNumberAsync("SELECT count(*) AS n FROM delta_lake.logs", rows => rows >= atLeast, $"{atLeast} rows are stored");

    /// <summary>Produces, and waits until everything so far is stored: all is well again.</summary>
    public async Task FlowsAsync(int count = 500)
    {
        Produce(count);
        await UntilStoredAsync(Good);
    }

    /// <summary>Waits until all that was produced is stored, and looks whether anything is there twice.</summary>
    public async Task AssertStoredOnceAsync()
    {
        var bad = OutsideProducer.Bad(Produced);
        await UntilStoredAsync(Good);
        await UntilNumberAsync("SELECT count(*) AS n FROM delta_lake.dead_letters", letters => letters >= bad, $"{bad} dead letters are stored");
        await Process.AssertStoredOnceAsync(Produced);
        await UntilNumberAsync("SELECT sum(n) AS n FROM delta_lake.logs_by_minute", rows => rows == Good, "the rows of all minutes are all rows");
    }

    /// <summary>Column <c>n</c> of the first row of an answer; a failed test when there is none.</summary>
    public async Task<long> NumberAsync(string sql)
    {
        var (number, said) = await Process.TryNumberAsync(sql, Token);
        Assert.True(number is not null, $"{sql}: {said}");
        return number.Value;
    }

    /// <summary>Waits until an answer is as wanted; queries have none while what they need is down.</summary>
    public Task UntilNumberAsync(string sql, Predicate<long> isWanted, string what) => UntilAsync(
        async cancellationToken =>
        {
            var (number, said) = await Process.TryNumberAsync(sql, cancellationToken);
            return number is { } found && isWanted(found) ? null : said;
        }, what, PauseOfQueries);

    /// <summary>Waits until <c>/health</c> is as wanted.</summary>
    /// <returns>What the second function reads from it.</returns>
    public async Task<T> HealthAsync<T>(Func<JsonElement, bool> isWanted, Func<JsonElement, T> read, string what)
    {
        T? found = default;
        await UntilAsync(
            async cancellationToken =>
            {
                using var response = await Process.Client.GetAsync(new Uri("/health", UriKind.Relative), cancellationToken);
                var text = await response.Content.ReadAsStringAsync(cancellationToken);
                using var health = JsonDocument.Parse(text);
                if (!isWanted(health.RootElement))
                {
                    return text;
                }

                found = read(health.RootElement);
                return null;
            }, what);
        return found!;
    }

    /// <summary>Waits until <c>/health</c> is as wanted.</summary>
    public Task HealthAsync(Func<JsonElement, bool> isWanted, string what) => HealthAsync(isWanted, _ => true, what);

    /// <summary>Waits for a session on a server.</summary>
    /// <returns>Its id.</returns>
    public Task<string> SessionAsync(int server) => HealthAsync(
        health => health.GetProperty("spark") is var spark && spark.GetProperty("state").GetString() == "connected" && spark.GetProperty("processId") is { ValueKind: JsonValueKind.Number } id && id.GetInt32() == server,
        health => health.GetProperty("spark").GetProperty("sessionId").GetString()!, $"a session on server {server}");

    /// <summary>The run of the streaming query that stored the latest batch.</summary>
    public Task<string> RunAsync() => HealthAsync(
        health => health.GetProperty("writer").GetProperty("runId").ValueKind == JsonValueKind.String, health => health.GetProperty("writer").GetProperty("runId").GetString()!, "a batch is stored");

    /// <summary>Events in <c>/api/metrics</c>.</summary>
    /// <param name="window">How far back, such as <c>1h</c>.</param>
    public async Task<long> TotalAsync(string window)
    {
        using var metrics = JsonDocument.Parse(await Process.Client.GetStringAsync(new Uri($"/api/metrics?window={window}", UriKind.Relative), Token));
        return metrics.RootElement.GetProperty("totalRequests").GetInt64();
    }

    /// <summary>Events of 15 minutes in the first metrics of the event stream.</summary>
    public async Task<long> TotalOfEventStreamAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(Patience);
        await using var stream = await Process.Client.GetStreamAsync(new Uri("/events", UriKind.Relative), patience.Token);
        using var reader = new StreamReader(stream);
        while (await reader.ReadLineAsync(patience.Token) != "event: metrics")
        {
        }

        using var metrics = JsonDocument.Parse((await reader.ReadLineAsync(patience.Token))!["data: ".Length..]);
        return metrics.RootElement.GetProperty("totalRequests").GetInt64();
    }

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
        try
        {
            await call;
        }
        catch (RpcException failure) when (failure.Status.Detail.Contains("ConnectHelper", StringComparison.Ordinal))
        {
            // A Spark without MLlib trips over that after it has closed the session.
        }
    }

    /// <summary>Produces, and waits until the query that stores rows has begun a batch of it that has not ended.</summary>
    public Task ProduceIntoBatchAsync(int count)
    {
        var before = Batches.Begun;
        Produce(count);
        return UntilAsync(
            _ =>
            {
                var (begun, ended) = Batches;
                return Task.FromResult(begun > before && begun > ended ? null : $"batch {begun} has begun, {ended} has ended");
            }, $"a batch after {before} is at work", TimeSpan.FromMilliseconds(2));
    }

    /// <summary>Asks again until something holds, or fails the test with what was seen last.</summary>
    /// <param name="missing">Null when it holds; else what was seen in its place.</param>
    /// <param name="what">What is waited for.</param>
    /// <param name="pause">Between two looks.</param>
    public async Task UntilAsync(Func<CancellationToken, Task<string?>> missing, string what, TimeSpan? pause = null)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(Patience);
        var seen = "no answer";
        try
        {
            while (await missing(patience.Token) is { } found)
            {
                seen = found;
                Assert.True(Process.ExitCode is null, $"The host ended with {Process.ExitCode}:\n{Process.Log}");
                await Task.Delay(pause ?? Pause, patience.Token);
            }
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !Token.IsCancellationRequested)
        {
            Assert.Fail($"Not within {Patience}: {what}. Seen last: {seen}\n{Process.Log}\n{string.Join('\n', cluster.Nodes.Select(node => node.Condition))}");
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
