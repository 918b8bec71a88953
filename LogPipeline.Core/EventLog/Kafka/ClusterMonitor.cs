using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace LogPipeline.Core.EventLog.Kafka;

/// <summary>Looks at the topics twice a second: whether they can be reached, whether they are still the same, and where they end.</summary>
/// <remarks>A change is known within two seconds: half of one between looks, and one and a half for brokers that do not answer. It also publishes what the tables hold.</remarks>
internal sealed class ClusterMonitor : IAsyncDisposable
{
    private const int LooksPerBegin = 10;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(1500);
    private readonly KafkaAdmin admin;
    private readonly IReadOnlyList<TopicState> topics;
    private readonly StoredOffsets stored;
    private readonly EventLogEvents events;
    private readonly TimeProvider time;
    private readonly CancellationTokenSource stop = new();
    private readonly Task running;

    public ClusterMonitor(KafkaAdmin admin, IReadOnlyList<TopicState> topics, StoredOffsets stored, EventLogEvents events, TimeProvider time)
    {
        this.admin = admin;
        this.topics = topics;
        this.stored = stored;
        this.events = events;
        this.time = time;
        running = Task.Run(RunAsync);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running;
        stop.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            for (var look = 0; await timer.WaitForNextTickAsync(stop.Token); look++)
            {
                await LookAsync(withBegin: look % LooksPerBegin == 0);
                await stored.PublishAsync();
            }
        }
        catch (OperationCanceledException)
        {
            await stored.PublishAsync();
        }
    }

    private async Task LookAsync(bool withBegin)
    {
        try
        {
            var found = await admin.DescribeAsync(topics.Select(topic => topic.Stream.Topic).Distinct(), Patience);
            var partitions = found.Values.SelectMany(topic => topic.Partitions.Select((_, index) => new TopicPartition(topic.Name, index))).ToList();
            var ends = partitions.Count == 0 ? new Dictionary<TopicPartition, long?>() : await admin.ListOffsetsAsync(partitions, OffsetSpec.Latest(), Patience);
            var begins = withBegin && partitions.Count > 0 ? await admin.ListOffsetsAsync(partitions, OffsetSpec.Earliest(), Patience) : null;
            foreach (var topic in topics)
            {
                Note(topic, found.GetValueOrDefault(topic.Stream.Topic), ends, begins);
            }
        }
        catch (EventLogUnavailableException error)
        {
            foreach (var topic in topics)
            {
                Tell(topic, $"No Kafka broker answers: {error.Message}", isPartial: false);
            }
        }
    }

    private void Note(TopicState topic, TopicFacts? facts, IReadOnlyDictionary<TopicPartition, long?> ends, IReadOnlyDictionary<TopicPartition, long?>? begins)
    {
        if (facts is null)
        {
            Tell(topic, $"Topic '{topic.Stream.Topic}' is not there any more", isPartial: false);
            return;
        }

        topic.Identify(facts.Id);
        if (topic.WhyReplaced is { } replaced)
        {
            Tell(topic, replaced, isPartial: false);
            return;
        }

        var silent = new List<int>();
        for (var partition = 0; partition < facts.Partitions.Count; partition++)
        {
            var at = new TopicPartition(facts.Name, partition);
            if (ends.GetValueOrDefault(at) is { } end)
            {
                topic.Reach(partition, begins?.GetValueOrDefault(at), end);
            }
            else
            {
                silent.Add(partition);
            }
        }

        var away = facts.Partitions.SelectMany(partition => partition.Replicas.Except(partition.InSync)).Distinct().Order().ToList();
        var reason = silent.Count == facts.Partitions.Count ? $"No partition of topic '{facts.Name}' answers"
            : silent.Count > 0 ? $"Partition {string.Join(", ", silent)} of topic '{facts.Name}' does not answer; the others do"
            : away.Count > 0 ? $"Broker {string.Join(", ", away)} lacks copies of topic '{facts.Name}'; what it holds is on the others"
            : null;
        Tell(topic, reason, isPartial: reason is not null && silent.Count < facts.Partitions.Count);
    }

    private void Tell(TopicState topic, string? reason, bool isPartial)
    {
        if (!topic.SetProblem(reason, isPartial))
        {
            return;
        }

        if (reason is null)
        {
            events.Reachable(topic.Stream.Name);
        }
        else
        {
            events.Unreachable(topic.Stream.Name, reason);
        }
    }
}
