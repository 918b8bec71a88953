using LogPipeline.Benchmarks.EndToEnd;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.EventLog.Kafka;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Streams;
using LogPipeline.Spark;
using LogPipeline.Spark.Broker;
using LogPipeline.Spark.Connect;
using LogPipeline.Spark.Streaming;
using LogPipeline.Spark.Streaming.Parsing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace LogPipeline.Benchmarks.Spark;

/// <summary>The product's own Spark server and session, and the query by which it stores a stream.</summary>
internal sealed class SparkUnderTest : IAsyncDisposable
{
    private readonly ServiceProvider services;

    private SparkUnderTest(ServiceProvider services, SparkSession session)
    {
        this.services = services;
        Session = session;
    }

    /// <summary>The session.</summary>
    public SparkSession Session { get; }

    /// <summary>The SQL by which the product stores web logs, over a relation <c>records</c>.</summary>
    public static string Sql => new EventSql(WebLogs(""), new IngestOptions()).Rows("records");

    /// <summary>Says why there is nothing to measure; null when all is there.</summary>
    public static string? Missing => Environment.GetEnvironmentVariable("SPARK_HOME") is { Length: > 0 } ? null : "SPARK_HOME is not set here: it names the folder of a Spark distribution.\n";

    /// <summary>Options of the server, and of the peer's.</summary>
    public static SparkOptions Options() => new() { Home = Environment.GetEnvironmentVariable("SPARK_HOME"), Master = "local[2]" };

    /// <summary>Starts server and session.</summary>
    public static async Task<SparkUnderTest> StartAsync(Workspace workspace)
    {
        var options = Options();
        options.StateFolder = workspace.PathOf("state");
        var services = new ServiceCollection().AddLogging().AddSingleton(Microsoft.Extensions.Options.Options.Create(options)).AddSpark().BuildServiceProvider();
        return new SparkUnderTest(services, await services.GetRequiredService<SparkBroker>().GetSessionAsync());
    }

    /// <summary>Stores everything that is in a topic; gives the seconds from opening table and topic to the query's end.</summary>
    public async Task<double> StoreAllAsync(string brokers, string topic, string lake, string checkpoints, long batch)
    {
        var streaming = new SparkStreamingOptions { MaxOffsetsPerTrigger = batch };
        var stream = WebLogs(topic);
        using var events = new EventLogEvents(NullLogger<EventLogEvents>.Instance);
        await using var connection = await OpenAsync(brokers, stream, events);
        var queries = new StreamQueries(stream, new KafkaSource(Kafka(brokers), streaming), new IngestOptions(), streaming);
        var started = TimeProvider.System.GetTimestamp();
        var start = StreamStart.Open(connection.Logs[0], new LakeTables(lake, TimeProvider.System), new StreamCheckpoints(checkpoints), new LakeOptions());
        await queries.ConfigureAsync(Session, CancellationToken.None);
        var query = await queries.StartRowsAsync(Session, start, connection.Logs[0].Bounds.Count, follow: false, CancellationToken.None);
        await query.AwaitTerminationAsync();
        var taken = TimeProvider.System.GetElapsedTime(started);
        return await query.ExceptionAsync() is { } failure ? throw failure : taken.TotalSeconds;
    }

    /// <summary>Makes the tables of a stream as the product makes them, empty, for a peer to write to.</summary>
    /// <returns>Folder of the table of the rows.</returns>
    public static async Task<string> MakeTablesAsync(string brokers, string topic, string lake)
    {
        using var events = new EventLogEvents(NullLogger<EventLogEvents>.Instance);
        await using var connection = await OpenAsync(brokers, WebLogs(topic), events);
        return StreamStart.Open(connection.Logs[0], new LakeTables(lake, TimeProvider.System), new StreamCheckpoints(lake + "-checkpoints"), new LakeOptions()).Tables.Table.Root;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => services.DisposeAsync();

    private static KafkaOptions Kafka(string brokers) => new() { Brokers = brokers, Replication = 1, ConnectTimeout = TimeSpan.FromSeconds(60) };

    private static Task<KafkaConnection> OpenAsync(string brokers, StreamDefinition stream, EventLogEvents events) =>
        KafkaConnection.OpenAsync([stream], Kafka(brokers), new IngestOptions(), "bench", events, TimeProvider.System);

    private static StreamDefinition WebLogs(string topic) => new("web-logs", AvroSchemaReader.ReadShipped("web-log"), topic, "logs", EventLogRetention.Default);
}
