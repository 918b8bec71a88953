using System.Globalization;
using LogPipeline.Core.EventLog.Kafka.Native;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Streams;

namespace LogPipeline.Core.EventLog.Kafka;

/// <summary>One host's connection to a cluster, with the logs of its streams.</summary>
internal sealed class KafkaConnection : IAsyncDisposable
{
    private const int TopicMessageBytes = 4 << 20;
    private const int DefaultMessageBytes = 1_000_000;
    private const int MessageOverhead = 16 * 1024;
    private static readonly TimeSpan Attempt = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan TellAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private readonly KafkaOptions options;
    private readonly EventLogEvents events;
    private readonly TimeProvider time;
    private readonly KafkaAdmin admin;
    private readonly NativeLog log;
    private readonly List<KafkaEventLog> logs = [];
    private OriginFeed? feed;
    private ClusterMonitor? monitor;
    private string lastFailure = "no connection yet";

    private KafkaConnection(KafkaOptions options, EventLogEvents events, TimeProvider time)
    {
        this.options = options;
        this.events = events;
        this.time = time;
        log = events.Native;
        admin = new KafkaAdmin(options, reason => lastFailure = reason);
    }

    /// <summary>The logs, in the order of the streams.</summary>
    public IReadOnlyList<KafkaEventLog> Logs => logs;

    /// <summary>For the page of the cluster.</summary>
    public KafkaBrowser Browser => new(options, admin, monitor!, log, time);

    /// <summary>Connects and opens the logs.</summary>
    /// <param name="streams">The streams.</param>
    /// <param name="options">The options.</param>
    /// <param name="ingest">Limits of the parser.</param>
    /// <param name="host">Name of the host, its own and the same after every start: it begins the transactional ids.</param>
    /// <param name="events">Counters and log lines.</param>
    /// <param name="time">Clock.</param>
    /// <exception cref="EventLogException">No broker answers in time, or a topic cannot be used.</exception>
    public static async Task<KafkaConnection> OpenAsync(
        IReadOnlyList<StreamDefinition> streams, KafkaOptions options, IngestOptions ingest, string host, EventLogEvents events, TimeProvider time)
    {
        var connection = new KafkaConnection(options, events, time);
        try
        {
            await connection.OpenAsync(streams, ingest, host);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var one in logs)
        {
            await one.DisposeAsync();
        }

        if (monitor is not null)
        {
            await monitor.DisposeAsync();
        }

        if (feed is not null)
        {
            await feed.DisposeAsync();
        }

        admin.Dispose();
    }

    private async Task OpenAsync(IReadOnlyList<StreamDefinition> streams, IngestOptions ingest, string host)
    {
        var topics = await WithPatienceAsync(() => EnsureTopicsAsync(streams));
        var limits = await WithPatienceAsync(() => MaxMessageBytesAsync(streams));
        feed = new OriginFeed(options, log, time);
        await WithPatienceAsync(() =>
        {
            feed.Start();
            return Task.FromResult(true);
        });
        var stored = new StoredOffsets(admin, options.GroupId ?? "", events, time);
        var states = new List<TopicState>();
        foreach (var stream in streams)
        {
            var facts = topics[stream.Topic];
            var state = new TopicState(stream, facts.Id, facts.Partitions.Count);
            states.Add(state);
            var maxBytes = Math.Min(limits[stream.Topic] - MessageOverhead, ingest.MaxEventBytes);
            logs.Add(new KafkaEventLog(
                state,
                new KafkaLogSetup { Options = options, Ingest = ingest, Admin = admin, Stored = stored.Add, Events = events, Log = log, Time = time },
                new LogWriterSetup
                {
                    Stream = stream.Name, Topic = stream.Topic, LogId = facts.Id, Options = options, MaxValueBytes = maxBytes,
                    Settings = KafkaSettings.Producer(options, $"logpipeline-{host}-{stream.Name}", limits[stream.Topic]),
                    Origins = feed.IndexOf(facts.Id), CatchUp = CatchUp, WhyReplaced = () => state.WhyReplaced, Events = events, Log = log, Time = time,
                }));
        }

        // What an earlier process of this host left open is ended before its origins are read: what it committed is known then.
        await UntilAsync(Task.WhenAll(logs.Select(one => one.Opened)));
        await UntilAsync(feed.CatchUpAsync(CancellationToken.None));
        foreach (var one in logs)
        {
            await WithPatienceAsync(async () =>
            {
                _ = await one.RefreshBoundsAsync();
                return true;
            });
            events.Opened(one.Stream.Name, one.LogId, one.Bounds.Sum(bounds => bounds.Begin), one.Bounds.Sum(bounds => bounds.End));
        }

        monitor = new ClusterMonitor(options, admin, states, stored, events, time);
    }

    private async Task UntilAsync(Task done)
    {
        try
        {
            await done.WaitAsync(options.ConnectTimeout, time);
        }
        catch (TimeoutException error)
        {
            var reason = logs.Select(one => one.Status.Problem).FirstOrDefault(problem => problem is not null) ?? lastFailure;
            throw new EventLogException($"Kafka at {options.Brokers} does not let this host write within {options.ConnectTimeout.TotalSeconds:0} s: {reason}", error);
        }
    }

    private void CatchUp()
    {
        using var deadline = new CancellationTokenSource(options.ConnectTimeout, time);
        feed!.CatchUpAsync(deadline.Token).GetAwaiter().GetResult();
    }

    /// <summary>Tries again while the brokers are away, as long as a start may take.</summary>
    private async Task<T> WithPatienceAsync<T>(Func<Task<T>> attempt)
    {
        var started = time.GetTimestamp();
        var told = false;
        while (true)
        {
            try
            {
                return await attempt();
            }
            catch (EventLogUnavailableException error)
            {
                if (time.GetElapsedTime(started) > options.ConnectTimeout)
                {
                    throw new EventLogException(
                        $"No Kafka broker answers at {options.Brokers} (LogPipeline:Kafka:Brokers): {error.Message}; {lastFailure}. "
                        + "Start one (docker compose --profile kafka up -d, or bin/kafka-server-start.sh of a Kafka distribution), correct KAFKA_BROKERS, "
                        + "or set LogPipeline:Broker to Embedded, which needs none", error);
                }

                if (!told && time.GetElapsedTime(started) > TellAfter)
                {
                    told = true;
                    events.Waiting(options.Brokers ?? "", options.ConnectTimeout.TotalSeconds, error.Message);
                }

                await Task.Delay(Pause, time);
            }
        }
    }

    private async Task<IReadOnlyDictionary<string, TopicFacts>> EnsureTopicsAsync(IReadOnlyList<StreamDefinition> streams)
    {
        List<string> names = [.. streams.Select(stream => stream.Topic), .. OriginTopics.All];
        var found = await admin.DescribeAsync(names, Attempt);
        foreach (var stream in streams.Where(stream => !found.ContainsKey(stream.Topic)))
        {
            await admin.CreateAsync(stream.Topic, options.Partitions, options.Replication, SettingsOf(stream), Attempt * 5);
            events.TopicMade(stream.Topic, options.Partitions);
        }

        foreach (var topic in OriginTopics.All.Where(topic => !found.ContainsKey(topic)))
        {
            await admin.CreateAsync(topic, 1, options.Replication, OriginTopics.SettingsOf(topic), Attempt * 5);
            events.TopicMade(topic, 1);
        }

        if (found.Count < names.Distinct().Count())
        {
            found = await admin.DescribeAsync(names, Attempt);
        }

        return names.Find(name => !found.TryGetValue(name, out var facts) || facts.Partitions.Any(partition => partition.Leader < 0)) is { } missing
            ? throw new EventLogUnavailableException($"Topic '{missing}' has no leader yet") : found;
    }

    private Dictionary<string, string> SettingsOf(StreamDefinition stream)
    {
        var settings = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["compression.type"] = options.Compression == KafkaCompression.None ? "uncompressed" : KafkaSettings.CompressionName(options.Compression),
            ["retention.ms"] = ((long)stream.Retention.MaxAge.TotalMilliseconds).ToString(CultureInfo.InvariantCulture),
            ["max.message.bytes"] = TopicMessageBytes.ToString(CultureInfo.InvariantCulture),
        };
        foreach (var (name, value) in options.TopicSettings)
        {
            settings[KafkaSettings.Name(name)] = value;
        }

        return settings;
    }

    // Without the right to see a topic's settings, Kafka's own default is what can be relied on.
    private async Task<IReadOnlyDictionary<string, int>> MaxMessageBytesAsync(IReadOnlyList<StreamDefinition> streams)
    {
        var limits = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var topic in streams.Select(stream => stream.Topic).Distinct())
        {
            var setting = (await admin.SettingsOfAsync(topic, Attempt))?.FirstOrDefault(one => one.Name == "max.message.bytes")?.Value;
            limits[topic] = int.TryParse(setting, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) ? bytes : DefaultMessageBytes;
        }

        return limits;
    }
}
