namespace LogPipeline.Core.EventLog;

/// <summary>Looks into the brokers behind the event logs: who they are, what topics they hold, how far our group is, and single messages.</summary>
/// <remarks>
/// Composed only when <c>LogPipeline:Broker</c> is <c>Kafka</c>. It reads without joining a group and commits nothing. All members may be
/// called from several threads at once.
/// </remarks>
public interface IBrokerBrowser
{
    /// <summary>The brokers and the topics of the streams by the latest look. Never waits.</summary>
    /// <remarks>It is looked at least once a second, and true within 3 s of a change: also when a broker is gone that the others still list.</remarks>
    BrokerStatus Status { get; }

    /// <summary>Every topic that this client may see, in order of name, without offsets or settings.</summary>
    /// <exception cref="EventLogUnavailableException">No broker answers.</exception>
    Task<IReadOnlyList<BrokerTopicSummary>> ListTopicsAsync(CancellationToken cancellationToken);

    /// <summary>One topic with its partitions, offsets and settings; null when there is none of that name.</summary>
    /// <exception cref="EventLogUnavailableException">No broker answers.</exception>
    Task<BrokerTopicDetails?> ReadTopicAsync(string topic, CancellationToken cancellationToken);

    /// <summary>Reads a page of messages. At no time are more than <see cref="BrokerMessageRequest.Limit"/> of them held, nor more of a value than <see cref="BrokerMessage.MaxValueBytes"/> once it was read.</summary>
    /// <returns>The page; null when there is no such topic.</returns>
    /// <exception cref="ArgumentException">The topic has no such partition.</exception>
    /// <exception cref="EventLogUnavailableException">No broker answers, or the leader of a partition does not.</exception>
    Task<BrokerMessagePage?> ReadMessagesAsync(BrokerMessageRequest request, CancellationToken cancellationToken);
}

/// <summary>The brokers and the topics of the streams at one instant. What is not known is empty or null, never 0.</summary>
/// <param name="At">When it was last looked.</param>
/// <param name="Addresses">Bootstrap addresses, as configured; no secret.</param>
/// <param name="ClusterId">Identity of the cluster; null until a broker has answered.</param>
/// <param name="ControllerId">Broker that is the controller; null when unknown.</param>
/// <param name="Brokers">The brokers in order of id, those that are known and gone included.</param>
/// <param name="Topics">Topics of this host's streams, in the order of the configuration; one that does not exist is absent.</param>
/// <param name="Group">Group that carries the stored offsets.</param>
/// <param name="Problem">What is wrong and what to do about it, for a person; null while every broker answers and every partition has a leader.</param>
public sealed record BrokerStatus(
    DateTimeOffset At,
    string Addresses,
    string? ClusterId,
    int? ControllerId,
    IReadOnlyList<BrokerNode> Brokers,
    IReadOnlyList<BrokerTopic> Topics,
    string Group,
    string? Problem)
{
    /// <summary>Whether any broker answers.</summary>
    public bool IsReachable => Brokers.Any(broker => broker.IsReachable);
}

/// <summary>One broker.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Host">Host that it advertises.</param>
/// <param name="Port">Port that it advertises.</param>
/// <param name="Rack">Its rack, or null.</param>
/// <param name="IsReachable">Whether this host reaches it.</param>
public sealed record BrokerNode(int Id, string Host, int Port, string? Rack, bool IsReachable);

/// <summary>A topic with what its partitions hold.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Partitions">Its partitions in order.</param>
public sealed record BrokerTopic(string Name, IReadOnlyList<BrokerPartition> Partitions)
{
    /// <summary>What the group has not got yet, over all partitions whose lag is known; null when none is.</summary>
    public long? Lag => Partitions.Any(partition => partition.Lag is not null) ? Partitions.Sum(partition => partition.Lag ?? 0) : null;
}

/// <summary>One partition of a topic.</summary>
/// <param name="Partition">Its number.</param>
/// <param name="LeaderId">Broker that leads it; null for none.</param>
/// <param name="ReplicaIds">Brokers that should have it.</param>
/// <param name="InSyncIds">Brokers that have all of it.</param>
/// <param name="Begin">First offset that can be read; null when unknown.</param>
/// <param name="End">One past the last committed offset; null when unknown.</param>
/// <param name="GroupOffset">Offset that the group would read next; null when it has none.</param>
public sealed record BrokerPartition(
    int Partition, int? LeaderId, IReadOnlyList<int> ReplicaIds, IReadOnlyList<int> InSyncIds, long? Begin, long? End, long? GroupOffset)
{
    /// <summary>What the group has not got yet; null when it cannot be told. A group without an offset has got nothing.</summary>
    public long? Lag => End is { } end && Begin is { } begin ? Math.Max(0, end - Math.Max(begin, GroupOffset ?? begin)) : null;
}

/// <summary>A topic in the list of all.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Partitions">How many partitions it has.</param>
/// <param name="Replicas">Copies of the partition that has fewest.</param>
/// <param name="WithoutLeader">Partitions that nobody leads: they can be neither read nor written.</param>
/// <param name="NotInSync">Partitions that miss a copy.</param>
/// <param name="IsInternal">Whether it is the brokers' own, such as <c>__consumer_offsets</c>.</param>
public sealed record BrokerTopicSummary(string Name, int Partitions, int Replicas, int WithoutLeader, int NotInSync, bool IsInternal);

/// <summary>A topic with its settings.</summary>
/// <param name="Topic">Its partitions and offsets.</param>
/// <param name="Id">Its identity; a new one when it is made anew.</param>
/// <param name="Settings">Its settings in order of name; null when this client may not see them.</param>
public sealed record BrokerTopicDetails(BrokerTopic Topic, string Id, IReadOnlyList<BrokerSetting>? Settings);

/// <summary>One setting of a topic.</summary>
/// <param name="Name">Such as <c>retention.ms</c>.</param>
/// <param name="Value">Its value; null when it is secret.</param>
/// <param name="IsDefault">Whether nobody set it for this topic.</param>
public sealed record BrokerSetting(string Name, string? Value, bool IsDefault);
