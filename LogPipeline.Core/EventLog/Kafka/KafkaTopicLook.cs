using Confluent.Kafka;

namespace LogPipeline.Core.EventLog.Kafka;

/// <summary>Looks at a topic without using it: nothing is made, read or written.</summary>
internal static class KafkaTopicLook
{
    /// <summary>What a topic holds now.</summary>
    /// <param name="topic">Name of the topic.</param>
    /// <param name="options">Where the brokers are.</param>
    /// <param name="patience">How long they may take.</param>
    /// <returns>Null when there is no such topic.</returns>
    /// <exception cref="EventLogUnavailableException">No broker answers, or not for each partition.</exception>
    public static async Task<OtherLog?> FindAsync(string topic, KafkaOptions options, TimeSpan patience)
    {
        using var admin = new KafkaAdmin(options, _ => { });
        if (!(await admin.DescribeAsync([topic], patience)).TryGetValue(topic, out var facts))
        {
            return null;
        }

        var partitions = Enumerable.Range(0, facts.Partitions.Count).Select(partition => new TopicPartition(topic, partition)).ToList();
        return new OtherLog(facts.Id, await admin.BoundsAsync(partitions, patience));
    }
}
