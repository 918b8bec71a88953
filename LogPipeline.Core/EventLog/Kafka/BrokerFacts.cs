using Confluent.Kafka;

namespace LogPipeline.Core.EventLog.Kafka;

/// <summary>Topics as pages show them.</summary>
internal static class BrokerFacts
{
    /// <summary>A topic with what its partitions hold.</summary>
    /// <param name="facts">What it is.</param>
    /// <param name="begin">Begin of a partition, or null.</param>
    /// <param name="end">Committed end of a partition, or null.</param>
    /// <param name="group">Where the group goes on in a partition, or null.</param>
    public static BrokerTopic TopicOf(TopicFacts facts, Func<TopicPartition, long?> begin, Func<TopicPartition, long?> end, Func<TopicPartition, long?> group) => new(
        facts.Name,
        [
            .. facts.Partitions.Select((partition, index) => (partition, at: new TopicPartition(facts.Name, index))).Select(one => new BrokerPartition(
                one.at.Partition.Value, one.partition.Leader < 0 ? null : one.partition.Leader, one.partition.Replicas, one.partition.InSync,
                begin(one.at), end(one.at), group(one.at))),
        ]);
}
