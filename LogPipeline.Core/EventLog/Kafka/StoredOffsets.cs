using System.Collections.Concurrent;
using Confluent.Kafka;

namespace LogPipeline.Core.EventLog.Kafka;

/// <summary>Publishes how far the tables are as the offsets of a consumer group, so that Kafka's own tools show the true lag. Nothing reads them back.</summary>
internal sealed class StoredOffsets(KafkaAdmin admin, string group, EventLogEvents events, TimeProvider time)
{
    // Brokers forget the offsets of a group without members after offsets.retention.minutes (a week by default).
    private static readonly TimeSpan SayAgain = TimeSpan.FromHours(1);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<TopicPartition, long> stored = new();
    private readonly Dictionary<TopicPartition, long> published = [];
    private long lastTry;
    private long lastFull;
    private bool failing;

    /// <summary>Takes note of what the tables hold.</summary>
    public void Add(string topic, EventPosition position) =>
        stored.AddOrUpdate(new TopicPartition(topic, position.Partition), position.Offset + 1, (_, known) => Math.Max(known, position.Offset + 1));

    /// <summary>Publishes what changed, at most once a second. Not called again before it has ended, which takes <see cref="KafkaSettings.GroupPatience"/> while no coordinator answers.</summary>
    /// <param name="isLast">Whether it is the last time: at once then, and not at all where the brokers did not take it before.</param>
    public async Task PublishAsync(bool isLast = false)
    {
        var now = time.GetTimestamp();
        if (stored.IsEmpty || (isLast ? failing : lastTry != 0 && time.GetElapsedTime(lastTry, now) < Pause))
        {
            return;
        }

        var all = lastFull == 0 || time.GetElapsedTime(lastFull, now) > SayAgain;
        var changed = stored.Where(one => all || published.GetValueOrDefault(one.Key, -1) != one.Value).ToList();
        if (changed.Count == 0)
        {
            return;
        }

        lastTry = now;
        try
        {
            await admin.SetGroupOffsetsAsync(changed.Select(one => new TopicPartitionOffset(one.Key, one.Value)));
            lastFull = all ? now : lastFull;
            failing = false;
            foreach (var (partition, offset) in changed)
            {
                published[partition] = offset;
            }
        }
        catch (EventLogUnavailableException error)
        {
            if (!failing)
            {
                events.GroupFailed(group, error.Message);
            }

            failing = true;
        }
    }
}
