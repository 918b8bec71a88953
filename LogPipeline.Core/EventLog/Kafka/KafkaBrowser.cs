using Confluent.Kafka;
using LogPipeline.Core.EventLog.Kafka.Native;
using TopicPartition = Confluent.Kafka.TopicPartition;

namespace LogPipeline.Core.EventLog.Kafka;

/// <summary>Looks into the cluster for pages: topics, settings and single messages.</summary>
internal sealed class KafkaBrowser(KafkaOptions options, KafkaAdmin admin, ClusterMonitor monitor, NativeLog log, TimeProvider time) : IBrokerBrowser
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public BrokerStatus Status => monitor.Status;

    /// <inheritdoc/>
    public Task<IReadOnlyList<BrokerTopicSummary>> ListTopicsAsync(CancellationToken cancellationToken) => admin.ListTopicsAsync(Patience).WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public async Task<BrokerTopicDetails?> ReadTopicAsync(string topic, CancellationToken cancellationToken)
    {
        if (await FindAsync(topic, cancellationToken) is not { } facts)
        {
            return null;
        }

        var partitions = facts.Partitions.Select((_, index) => new TopicPartition(topic, index)).ToList();
        var begins = admin.ListOffsetsAsync(partitions, OffsetAt.Earliest, Patience);
        var ends = admin.ListOffsetsAsync(partitions, OffsetAt.Latest, Patience);
        var group = admin.GroupOffsetsAsync(partitions, Patience);
        var settings = admin.SettingsOfAsync(topic, Patience);
        await Task.WhenAll(begins, ends, group, settings).WaitAsync(cancellationToken);
        var stored = await group;
        var (begin, end) = (await begins, await ends);
        return new BrokerTopicDetails(
            BrokerFacts.TopicOf(facts, at => begin.GetValueOrDefault(at), at => end.GetValueOrDefault(at), at => stored.TryGetValue(at, out var offset) ? offset : null),
            facts.Id, await settings);
    }

    /// <inheritdoc/>
    public async Task<BrokerMessagePage?> ReadMessagesAsync(BrokerMessageRequest request, CancellationToken cancellationToken)
    {
        if (await FindAsync(request.Topic, cancellationToken) is not { } facts)
        {
            return null;
        }

        if (request.Partition is { } one && (one < 0 || one >= facts.Partitions.Count))
        {
            throw new ArgumentException($"Topic '{request.Topic}' has no partition {one}; it has {facts.Partitions.Count}", nameof(request));
        }

        var partitions = Enumerable.Range(0, facts.Partitions.Count).Where(partition => request.Partition is null || partition == request.Partition)
            .Select(partition => new TopicPartition(request.Topic, partition)).ToList();
        var bounds = await admin.BoundsAsync(partitions, Patience).WaitAsync(cancellationToken);
        var starts = await StartsAsync(request, partitions, bounds, cancellationToken);
        var limit = Math.Clamp(request.Limit, 1, BrokerMessageRequest.MaxLimit);
        using var reader = new MessageReader(options, request.Topic, log, time);
        return await Task.Run(() => request.From is BrokerMessageStart.Newest ? reader.ReadNewest(bounds, limit, cancellationToken) : reader.Read(bounds, starts, limit, cancellationToken), cancellationToken);
    }

    private async Task<TopicFacts?> FindAsync(string topic, CancellationToken cancellationToken) =>
        (await admin.DescribeAsync([topic], Patience).WaitAsync(cancellationToken)).GetValueOrDefault(topic);

    private async Task<IReadOnlyDictionary<int, long>> StartsAsync(
        BrokerMessageRequest request, List<TopicPartition> partitions, IReadOnlyList<PartitionBounds> bounds, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<TopicPartition, long?>? times = request.From is BrokerMessageStart.Time(var at)
            ? await admin.ListOffsetsAsync(partitions, at.ToUnixTimeMilliseconds(), Patience).WaitAsync(cancellationToken)
            : null;
        return bounds.ToDictionary(held => held.Partition, held => Math.Clamp(
            request.From switch
            {
                BrokerMessageStart.Offset(var offset) => offset,
                BrokerMessageStart.Positions(var positions) => positions.Where(position => position.Partition == held.Partition).Select(position => position.Offset).DefaultIfEmpty(held.Begin).First(),
                BrokerMessageStart.Time => times!.GetValueOrDefault(new TopicPartition(request.Topic, held.Partition)) is { } found and >= 0 ? found : held.End,
                _ => held.Begin,
            },
            held.Begin, held.End));
    }
}
