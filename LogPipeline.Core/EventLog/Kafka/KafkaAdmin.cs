using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace LogPipeline.Core.EventLog.Kafka;

/// <summary>Asks and changes what topics there are, and where our group is.</summary>
/// <remarks>
/// The group is asked as a consumer asks, and not through the admin client: librdkafka ends the process when the connection to a coordinator
/// breaks under an admin request (its pull request 5397).
/// </remarks>
internal sealed class KafkaAdmin : IDisposable
{
    private readonly IAdminClient client;
    private readonly IConsumer<Ignore, Ignore> group;
    private readonly NativeAdmin asking;

    public KafkaAdmin(KafkaOptions options, Action<string> failed)
    {
        client = new AdminClientBuilder(new AdminClientConfig(KafkaSettings.Admin(options)))
            .SetErrorHandler((_, error) => failed(error.Reason))
            .SetLogHandler((_, _) => { })
            .Build();
        asking = new NativeAdmin(KafkaSettings.Admin(options), (_, _, _) => { });
        group = new ConsumerBuilder<Ignore, Ignore>(KafkaSettings.Group(options)).SetErrorHandler((_, _) => { }).SetLogHandler((_, _) => { }).Build();
    }

    /// <summary>Topics by name; one that is not there is left out.</summary>
    /// <exception cref="EventLogUnavailableException">No broker answers.</exception>
    public Task<IReadOnlyDictionary<string, TopicFacts>> DescribeAsync(IEnumerable<string> names, TimeSpan timeout) => asking.TopicsAsync(names, timeout);

    /// <summary>Makes a topic; one that somebody else made meanwhile is as good.</summary>
    /// <exception cref="EventLogException">The brokers refuse.</exception>
    public async Task CreateAsync(string name, int partitions, int replication, IReadOnlyDictionary<string, string> settings, TimeSpan timeout)
    {
        try
        {
            await client.CreateTopicsAsync(
                [
                    new TopicSpecification
                    {
                        Name = name, NumPartitions = partitions, ReplicationFactor = replication == 0 ? (short)-1 : (short)replication,
                        Configs = settings.ToDictionary(pair => pair.Key, pair => pair.Value),
                    },
                ],
                new CreateTopicsOptions { RequestTimeout = timeout, OperationTimeout = timeout });
        }
        catch (CreateTopicsException error) when (error.Results.All(result => result.Error.Code is ErrorCode.TopicAlreadyExists or ErrorCode.NoError))
        {
            // Another host was faster.
        }
        catch (CreateTopicsException error) when (error.Results.Exists(result => result.Error.Code is ErrorCode.RequestTimedOut or ErrorCode.Local_TimedOut or ErrorCode.NotController))
        {
            throw new EventLogUnavailableException(error.Results[0].Error.Reason, error);
        }
        catch (CreateTopicsException error)
        {
            throw new EventLogException(
                $"Topic '{name}' cannot be made with {partitions} partitions and {(replication == 0 ? "the brokers' default of" : replication.ToString(CultureInfo.InvariantCulture))} copies: {error.Results[0].Error.Reason}. "
                + "Make it yourself, or correct LogPipeline:Kafka:Partitions, Replication or TopicSettings", error);
        }
        catch (KafkaException error)
        {
            throw new EventLogUnavailableException(error.Error.Reason, error);
        }
    }

    /// <summary>The settings of a topic as the brokers have them; null when this client may not see them.</summary>
    /// <exception cref="EventLogUnavailableException">No broker answers.</exception>
    public async Task<IReadOnlyList<BrokerSetting>?> SettingsOfAsync(string topic, TimeSpan timeout)
    {
        try
        {
            var found = await client.DescribeConfigsAsync([new ConfigResource { Name = topic, Type = ResourceType.Topic }], new DescribeConfigsOptions { RequestTimeout = timeout });
            return [.. found[0].Entries.Values.OrderBy(entry => entry.Name, StringComparer.Ordinal).Select(entry => new BrokerSetting(entry.Name, entry.IsSensitive ? null : entry.Value, entry.IsDefault))];
        }
        catch (DescribeConfigsException error) when (error.Results.Exists(result => result.Error.Code is ErrorCode.TopicAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed))
        {
            return null;
        }
        catch (KafkaException error)
        {
            throw new EventLogUnavailableException(error.Error.Reason, error);
        }
    }

    /// <summary>Begin, committed end or another offset of partitions; null where it cannot be told now.</summary>
    /// <param name="partitions">The partitions, at least one.</param>
    /// <param name="which">One of <see cref="OffsetAt"/>, or milliseconds since 1970: the first offset of that time or later.</param>
    /// <param name="timeout">For the answer.</param>
    /// <param name="committedOnly">Whether the end is that of what is committed.</param>
    /// <exception cref="EventLogUnavailableException">No broker answers.</exception>
    public Task<IReadOnlyDictionary<TopicPartition, long?>> ListOffsetsAsync(IEnumerable<TopicPartition> partitions, long which, TimeSpan timeout, bool committedOnly = true) =>
        asking.OffsetsAsync(partitions, which, committedOnly, timeout);

    /// <summary>What partitions hold now, up to the committed end.</summary>
    /// <exception cref="EventLogUnavailableException">No broker answers, or not for each partition.</exception>
    public async Task<IReadOnlyList<PartitionBounds>> BoundsAsync(IReadOnlyList<TopicPartition> partitions, TimeSpan timeout)
    {
        var begins = await ListOffsetsAsync(partitions, OffsetAt.Earliest, timeout);
        var ends = await ListOffsetsAsync(partitions, OffsetAt.Latest, timeout);
        return [.. partitions.Select(at => begins.GetValueOrDefault(at) is { } begin && ends.GetValueOrDefault(at) is { } end
            ? new PartitionBounds(at.Partition.Value, begin, Math.Max(begin, end))
            : throw new EventLogUnavailableException($"Partition {at.Partition.Value} of topic '{at.Topic}' does not answer"))];
    }

    /// <summary>Says how far the group is.</summary>
    /// <exception cref="EventLogUnavailableException">It cannot be said now, and was tried for <see cref="KafkaSettings.GroupPatience"/>.</exception>
    public Task SetGroupOffsetsAsync(IEnumerable<TopicPartitionOffset> offsets) => Task.Run(() =>
    {
        try
        {
            group.Commit(offsets);
        }
        catch (KafkaException error)
        {
            throw new EventLogUnavailableException(error.Error.Reason, error);
        }
    });

    /// <summary>How far the group is, for those of some partitions where it is anywhere.</summary>
    /// <exception cref="EventLogUnavailableException">It cannot be told now.</exception>
    public Task<IReadOnlyDictionary<TopicPartition, long>> GroupOffsetsAsync(IReadOnlyList<TopicPartition> partitions, TimeSpan timeout) => Task.Run<IReadOnlyDictionary<TopicPartition, long>>(() =>
    {
        try
        {
            return group.Committed(partitions, timeout).Where(one => one.Offset.Value >= 0).ToDictionary(one => one.TopicPartition, one => one.Offset.Value);
        }
        catch (KafkaException error)
        {
            throw new EventLogUnavailableException(error.Error.Reason, error);
        }
    });

    /// <summary>The brokers.</summary>
    /// <exception cref="EventLogUnavailableException">None answers.</exception>
    public Task<ClusterFacts> DescribeClusterAsync(TimeSpan timeout) => asking.ClusterAsync(timeout);

    /// <summary>Learns from any broker which there are, so that what is asked next goes to one that is there.</summary>
    public Task RefreshAsync(TimeSpan timeout) => Task.Run(() => asking.Refresh(timeout));

    /// <summary>Whether one broker answers, for those of which nothing else is asked.</summary>
    public Task<bool> AnswersAsync(int broker, TimeSpan timeout) => asking.AnswersAsync(broker, timeout);

    /// <summary>Every topic.</summary>
    /// <exception cref="EventLogUnavailableException">No broker answers.</exception>
    public Task<IReadOnlyList<BrokerTopicSummary>> ListTopicsAsync(TimeSpan timeout) => Task.Run<IReadOnlyList<BrokerTopicSummary>>(() =>
    {
        try
        {
            return [.. client.GetMetadata(timeout).Topics.Where(topic => topic.Error.Code == ErrorCode.NoError).Select(SummaryOf).OrderBy(topic => topic.Name, StringComparer.Ordinal)];
        }
        catch (KafkaException error)
        {
            throw new EventLogUnavailableException(error.Error.Reason, error);
        }
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        client.Dispose();
        group.Dispose();
        asking.Dispose();
    }

    private static BrokerTopicSummary SummaryOf(TopicMetadata topic) => new(
        topic.Topic, topic.Partitions.Count, topic.Partitions.Select(partition => partition.Replicas.Length).DefaultIfEmpty(0).Min(),
        topic.Partitions.Count(partition => partition.Leader < 0), topic.Partitions.Count(partition => partition.InSyncReplicas.Length < partition.Replicas.Length),
        topic.Topic.StartsWith("__", StringComparison.Ordinal));
}
