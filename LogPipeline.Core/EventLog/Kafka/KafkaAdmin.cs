using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace LogPipeline.Core.EventLog.Kafka;

/// <summary>What a topic is now.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Id">Its identity; a new one when it is made anew.</param>
/// <param name="Partitions">Its partitions in order.</param>
internal sealed record TopicFacts(string Name, string Id, IReadOnlyList<PartitionFacts> Partitions);

/// <summary>What a partition is now.</summary>
/// <param name="Leader">Broker that leads it; -1 for none.</param>
/// <param name="Replicas">Brokers that should have it.</param>
/// <param name="InSync">Brokers that have all of it.</param>
internal sealed record PartitionFacts(int Leader, IReadOnlyList<int> Replicas, IReadOnlyList<int> InSync);

/// <summary>Asks and changes what topics there are, and where our group is.</summary>
/// <remarks>
/// The group is asked as a consumer asks, and not through the admin client: librdkafka ends the process when the connection to a coordinator
/// breaks under an admin request (its pull request 5397).
/// </remarks>
internal sealed class KafkaAdmin : IDisposable
{
    private readonly IAdminClient client;
    private readonly IConsumer<Ignore, Ignore> group;

    public KafkaAdmin(KafkaOptions options, Action<string> failed)
    {
        client = new AdminClientBuilder(new AdminClientConfig(KafkaSettings.Admin(options)))
            .SetErrorHandler((_, error) => failed(error.Reason))
            .SetLogHandler((_, _) => { })
            .Build();
        group = new ConsumerBuilder<Ignore, Ignore>(KafkaSettings.Group(options)).SetErrorHandler((_, _) => { }).SetLogHandler((_, _) => { }).Build();
    }

    /// <summary>Topics by name; one that is not there is left out.</summary>
    /// <exception cref="EventLogUnavailableException">No broker answers.</exception>
    public async Task<IReadOnlyDictionary<string, TopicFacts>> DescribeAsync(IEnumerable<string> names, TimeSpan timeout)
    {
        var found = new Dictionary<string, TopicFacts>(StringComparer.Ordinal);
        List<TopicDescription> topics;
        try
        {
            topics = (await client.DescribeTopicsAsync(TopicCollection.OfTopicNames(names), new DescribeTopicsOptions { RequestTimeout = timeout })).TopicDescriptions;
        }
        catch (DescribeTopicsException error)
        {
            topics = error.Results.TopicDescriptions;
        }
        catch (KafkaException error)
        {
            throw new EventLogUnavailableException(error.Error.Reason, error);
        }

        foreach (var topic in topics)
        {
            if (topic.Error.Code == ErrorCode.NoError)
            {
                found[topic.Name] = new TopicFacts(topic.Name, IdOf(topic.TopicId), [.. topic.Partitions.OrderBy(one => one.Partition).Select(FactsOf)]);
            }
            else if (topic.Error.Code is not (ErrorCode.UnknownTopicOrPart or ErrorCode.Local_UnknownTopic))
            {
                throw new EventLogUnavailableException($"Topic '{topic.Name}': {topic.Error.Reason}");
            }
        }

        return found;
    }

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
    /// <exception cref="EventLogUnavailableException">No broker answers.</exception>
    public async Task<IReadOnlyDictionary<TopicPartition, long?>> ListOffsetsAsync(
        IEnumerable<TopicPartition> partitions, OffsetSpec which, TimeSpan timeout, IsolationLevel level = IsolationLevel.ReadCommitted)
    {
        List<ListOffsetsResultInfo> found;
        try
        {
            found = (await client.ListOffsetsAsync(
                partitions.Select(partition => new TopicPartitionOffsetSpec { TopicPartition = partition, OffsetSpec = which }),
                new ListOffsetsOptions { RequestTimeout = timeout, IsolationLevel = level })).ResultInfos;
        }
        catch (ListOffsetsException error)
        {
            found = error.Result.ResultInfos;
        }
        catch (KafkaException error)
        {
            throw new EventLogUnavailableException(error.Error.Reason, error);
        }

        return found.ToDictionary(
            one => one.TopicPartitionOffsetError.TopicPartition,
            one => one.TopicPartitionOffsetError.Error.Code == ErrorCode.NoError ? one.TopicPartitionOffsetError.Offset.Value : (long?)null);
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
    public async Task<DescribeClusterResult> DescribeClusterAsync(TimeSpan timeout)
    {
        try
        {
            return await client.DescribeClusterAsync(new DescribeClusterOptions { RequestTimeout = timeout });
        }
        catch (KafkaException error)
        {
            throw new EventLogUnavailableException(error.Error.Reason, error);
        }
    }

    /// <summary>Whether one broker answers, for those of which nothing else is asked.</summary>
    public async Task<bool> AnswersAsync(int broker, TimeSpan timeout)
    {
        try
        {
            _ = await client.DescribeConfigsAsync(
                [new ConfigResource { Name = broker.ToString(CultureInfo.InvariantCulture), Type = ResourceType.Broker }], new DescribeConfigsOptions { RequestTimeout = timeout });
            return true;
        }
        catch (DescribeConfigsException error)
        {
            // A broker that refuses has answered.
            return error.Results.TrueForAll(result => !result.Error.IsLocalError);
        }
        catch (KafkaException)
        {
            return false;
        }
    }

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
    }

    private static BrokerTopicSummary SummaryOf(TopicMetadata topic) => new(
        topic.Topic, topic.Partitions.Count, topic.Partitions.Select(partition => partition.Replicas.Length).DefaultIfEmpty(0).Min(),
        topic.Partitions.Count(partition => partition.Leader < 0), topic.Partitions.Count(partition => partition.InSyncReplicas.Length < partition.Replicas.Length),
        topic.Topic.StartsWith("__", StringComparison.Ordinal));

    // As Kafka's own tools write it: base64 for URLs, which has no slash.
    private static string IdOf(Uuid id) => id.ToString().TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static PartitionFacts FactsOf(TopicPartitionInfo partition) =>
        new(partition.Leader?.Id ?? -1, [.. partition.Replicas.Select(node => node.Id)], [.. partition.ISR.Select(node => node.Id)]);
}
