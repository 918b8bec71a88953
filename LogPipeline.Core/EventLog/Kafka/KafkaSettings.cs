using System.Globalization;

namespace LogPipeline.Core.EventLog.Kafka;

/// <summary>What the clients are set to: ours, then the user's, then what must be so.</summary>
internal static class KafkaSettings
{
    /// <summary>What the log's promises rest on, with the reason for a person.</summary>
    private static readonly Dictionary<string, string> Owned = new(StringComparer.Ordinal)
    {
        ["bootstrap.servers"] = "set LogPipeline:Kafka:Brokers instead",
        ["metadata.broker.list"] = "set LogPipeline:Kafka:Brokers instead",
        ["group.id"] = "set LogPipeline:Kafka:GroupId instead",
        ["compression.codec"] = "set LogPipeline:Kafka:Compression instead",
        ["compression.type"] = "set LogPipeline:Kafka:Compression instead",
        ["acks"] = "an event counts as durable once all in-sync replicas have it",
        ["request.required.acks"] = "an event counts as durable once all in-sync replicas have it",
        ["enable.idempotence"] = "without it events could be stored twice",
        ["transactional.id"] = "each host and stream has its own",
        ["isolation.level"] = "events that were not committed must not be shown or stored",
        ["auto.offset.reset"] = "a position that is gone is reported as a gap, never skipped in silence",
        ["enable.auto.commit"] = "the group's offsets say what the tables hold",
        ["enable.auto.offset.store"] = "the group's offsets say what the tables hold",
        ["enable.partition.eof"] = "the reader needs it",
        ["message.timeout.ms"] = "set transaction.timeout.ms instead",
        ["delivery.timeout.ms"] = "set transaction.timeout.ms instead",
    };

    private static readonly string[] SecretParts = ["password", "secret", "key.pem", "ssl.key", "oauthbearer.config", "sasl.jaas", "token", "certificate.pem", "sasl.username"];

    /// <summary>Why a setting is not the user's to choose; null when it is.</summary>
    public static string? WhyOwned(string name) => Owned.GetValueOrDefault(name);

    /// <summary>A name as librdkafka spells it: <c>SASL_USERNAME</c> is <c>sasl.username</c>.</summary>
    public static string Name(string key) => key.Trim().ToLowerInvariant().Replace('_', '.');

    /// <summary>Whether a setting's value must never be shown.</summary>
    public static bool IsSecret(string name) => SecretParts.Any(part => name.Contains(part, StringComparison.Ordinal));

    /// <summary>How long it is tried to say how far the group is.</summary>
    public static readonly TimeSpan GroupPatience = TimeSpan.FromSeconds(6);

    /// <summary>For a client that asks and changes what topics there are.</summary>
    public static Dictionary<string, string> Admin(KafkaOptions options) => Common(options);

    /// <summary>For a client that says and asks how far our group is, and never joins it.</summary>
    public static Dictionary<string, string> Group(KafkaOptions options) => Merge(
        options,
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            // So long a commit waits for a coordinator.
            ["session.timeout.ms"] = Text((long)GroupPatience.TotalMilliseconds),
            ["heartbeat.interval.ms"] = Text((long)(GroupPatience / 3).TotalMilliseconds),
        },
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["group.id"] = options.GroupId ?? "ui-bridge-group",
            ["enable.auto.commit"] = "false",
        });

    /// <summary>For a reader of committed events.</summary>
    /// <param name="options">The options.</param>
    /// <param name="follow">Whether it stays at the end; one that does not wants to know at once that it is there.</param>
    public static Dictionary<string, string> Consumer(KafkaOptions options, bool follow)
    {
        var fetch = Text(options.FetchBytes);
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["queued.max.messages.kbytes"] = Text(Math.Max(1, options.FetchBytes / 1024)),
            ["queued.min.messages"] = "100000",
            ["fetch.max.bytes"] = fetch,
            ["fetch.message.max.bytes"] = Text(Math.Min(options.FetchBytes, 4 << 20)),
            ["message.max.bytes"] = Text(Math.Min(options.FetchBytes, 1_000_000_000)),
            ["receive.message.max.bytes"] = Text(options.FetchBytes + (128 << 20)),
            ["fetch.wait.max.ms"] = follow ? "100" : "10",
            ["fetch.error.backoff.ms"] = "100",
            ["fetch.queue.backoff.ms"] = "5",
        };
        return Merge(options, settings, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            // librdkafka wants a group's name to assign partitions; it is never joined and nothing is committed.
            ["group.id"] = options.GroupId ?? "ui-bridge-group",
            ["isolation.level"] = "read_committed",
            ["auto.offset.reset"] = "error",
            ["enable.auto.commit"] = "false",
            ["enable.auto.offset.store"] = "false",
            ["enable.partition.eof"] = "true",
        });
    }

    /// <summary>For a reader of single pages: it fetches little ahead of what is shown.</summary>
    public static Dictionary<string, string> Browser(KafkaOptions options)
    {
        var settings = Consumer(options, follow: false);
        settings["queued.max.messages.kbytes"] = Text(Math.Min(options.FetchBytes / 1024, 4096));
        settings["queued.min.messages"] = Text(BrokerMessageRequest.MaxLimit);
        settings["fetch.message.max.bytes"] = Text(Math.Min(options.FetchBytes, 1 << 20));
        return settings;
    }

    /// <summary>For a writer whose transactions carry one name.</summary>
    public static Dictionary<string, string> Producer(KafkaOptions options, string transactionalId, int maxMessageBytes)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["partitioner"] = "murmur2_random",
            ["linger.ms"] = "1",
            ["batch.size"] = Text(1 << 20),
            ["queue.buffering.max.messages"] = "10000000",
            ["queue.buffering.max.kbytes"] = Text(Math.Max(1 << 20, (options.MaxWaitingBytes / 1024) + (1 << 16))),
            ["transaction.timeout.ms"] = "30000",
            ["message.max.bytes"] = Text(maxMessageBytes),
            ["compression.codec"] = CompressionName(options.Compression),
        };
        return Merge(options, settings, new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["transactional.id"] = transactionalId,
            ["enable.idempotence"] = "true",
            ["acks"] = "all",
        });
    }

    /// <summary>Kafka's name of a compression.</summary>
    public static string CompressionName(KafkaCompression compression) => compression switch
    {
        KafkaCompression.Gzip => "gzip",
        KafkaCompression.Snappy => "snappy",
        KafkaCompression.Lz4 => "lz4",
        KafkaCompression.Zstd => "zstd",
        _ => "none",
    };

    private static Dictionary<string, string> Common(KafkaOptions options) => Merge(options, [], []);

    private static Dictionary<string, string> Merge(KafkaOptions options, Dictionary<string, string> chosen, Dictionary<string, string> fixedOnes)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["client.id"] = "logpipeline",
            ["reconnect.backoff.ms"] = "50",
            ["reconnect.backoff.max.ms"] = "1000",
            ["socket.keepalive.enable"] = "true",
            ["topic.metadata.refresh.interval.ms"] = "30000",
            ["allow.auto.create.topics"] = "false",
        };
        foreach (var (name, value) in chosen)
        {
            settings[name] = value;
        }

        foreach (var (key, value) in options.Settings)
        {
            settings[Name(key)] = value;
        }

        settings["bootstrap.servers"] = options.Brokers ?? "";
        foreach (var (name, value) in fixedOnes)
        {
            settings[name] = value;
        }

        return settings;
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
