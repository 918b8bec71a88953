using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace LogPipeline.Core.EventLog.Kafka;

/// <summary>Looks at brokers and topics twice a second: which brokers answer, whether the topics are still the same, where they end, how far our group is.</summary>
/// <remarks>A change is known within two seconds: half of one between looks, and one and a half for brokers that do not answer. It also publishes what the tables hold.</remarks>
internal sealed class ClusterMonitor : IAsyncDisposable
{
    private const int LooksPerBegin = 10;
    private const int LooksPerGroup = 4;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    // Which broker is asked cannot be chosen: one that stands still is unlikely to be asked twice.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(750);
    private readonly KafkaOptions options;
    private readonly KafkaAdmin admin;
    private readonly IReadOnlyList<TopicState> topics;
    private readonly StoredOffsets stored;
    private readonly EventLogEvents events;
    private readonly TimeProvider time;
    private readonly CancellationTokenSource stop = new();
    private readonly SortedDictionary<int, Node> nodes = [];
    private readonly Task running;
    private Dictionary<TopicPartition, long> groupOffsets = [];
    private Dictionary<TopicPartition, long> begins = [];
    private BrokerStatus status;

    public ClusterMonitor(KafkaOptions options, KafkaAdmin admin, IReadOnlyList<TopicState> topics, StoredOffsets stored, EventLogEvents events, TimeProvider time)
    {
        this.options = options;
        this.admin = admin;
        this.topics = topics;
        this.stored = stored;
        this.events = events;
        this.time = time;
        status = new BrokerStatus(time.GetUtcNow(), options.Brokers ?? "", null, null, [], [], options.GroupId ?? "", null);
        running = Task.Run(RunAsync);
    }

    /// <summary>Brokers and topics by the latest look.</summary>
    public BrokerStatus Status => Volatile.Read(ref status);

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
            for (var look = 0; ; look++)
            {
                await LookAsync(look);
                await stored.PublishAsync();
                await timer.WaitForNextTickAsync(stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            await stored.PublishAsync();
        }
    }

    private async Task LookAsync(int look)
    {
        try
        {
            var cluster = TwiceAsync(() => admin.DescribeClusterAsync(Patience));
            var found = await TwiceAsync(() => admin.DescribeAsync(topics.Select(topic => topic.Stream.Topic).Distinct(), Patience));
            var partitions = found.Values.SelectMany(topic => topic.Partitions.Select((_, index) => new TopicPartition(topic.Name, index))).ToList();
            var idle = IdleBrokersAsync(await cluster, found.Values);
            var ends = await OffsetsAsync(partitions, OffsetSpec.Latest());
            if (look % LooksPerBegin == 0)
            {
                begins = (await OffsetsAsync(partitions, OffsetSpec.Earliest())).Where(one => one.Value is not null).ToDictionary(one => one.Key, one => one.Value!.Value);
            }

            await ReadGroupAsync(look);
            NoteBrokers(await cluster, found.Values, ends, await idle);
            foreach (var topic in topics)
            {
                Note(topic, found.GetValueOrDefault(topic.Stream.Topic), ends);
            }

            Publish(await cluster, found, ends);
        }
        catch (EventLogUnavailableException error)
        {
            foreach (var topic in topics)
            {
                Tell(topic, topic.WhyReplaced ?? $"No Kafka broker answers: {error.Message}", isPartial: false);
            }

            foreach (var (id, node) in nodes.ToList())
            {
                nodes[id] = node with { Answers = false };
            }

            Volatile.Write(ref status, Status with { At = time.GetUtcNow(), Brokers = Brokers(), Problem = $"No broker at {options.Brokers} answers: {error.Message}. Trying again." });
        }
    }

    private static async Task<T> TwiceAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (EventLogUnavailableException)
        {
            return await ask();
        }
    }

    private Task<IReadOnlyDictionary<TopicPartition, long?>> OffsetsAsync(List<TopicPartition> partitions, OffsetSpec which) =>
        partitions.Count == 0
            ? Task.FromResult<IReadOnlyDictionary<TopicPartition, long?>>(new Dictionary<TopicPartition, long?>())
            : admin.ListOffsetsAsync(partitions, which, Patience * 2);

    /// <summary>Those of which no partition is asked are asked something else.</summary>
    private async Task<IReadOnlyDictionary<int, bool>> IdleBrokersAsync(DescribeClusterResult cluster, IEnumerable<TopicFacts> found)
    {
        var leaders = found.SelectMany(topic => topic.Partitions.Select(partition => partition.Leader)).ToHashSet();
        var idle = cluster.Nodes.Select(node => node.Id).Union(nodes.Keys).Where(id => !leaders.Contains(id)).ToList();
        var answers = await Task.WhenAll(idle.Select(id => admin.AnswersAsync(id, Patience)));
        return idle.Zip(answers).ToDictionary(pair => pair.First, pair => pair.Second);
    }

    private async Task ReadGroupAsync(int look)
    {
        if (look % LooksPerGroup != 0)
        {
            return;
        }

        try
        {
            groupOffsets = (await admin.GroupOffsetsAsync(options.GroupId ?? "", Patience)).ToDictionary(one => one.TopicPartition, one => one.Offset.Value);
        }
        catch (EventLogUnavailableException)
        {
            // The coordinator of the group moves; what was known stands until it answers.
        }
    }

    private void NoteBrokers(DescribeClusterResult cluster, IEnumerable<TopicFacts> found, IReadOnlyDictionary<TopicPartition, long?> ends, IReadOnlyDictionary<int, bool> idle)
    {
        var answers = found.SelectMany(topic => topic.Partitions.Select((partition, index) => (partition.Leader, Answers: ends.GetValueOrDefault(new TopicPartition(topic.Name, index)) is not null)))
            .GroupBy(one => one.Leader).ToDictionary(group => group.Key, group => group.Any(one => one.Answers));
        foreach (var node in cluster.Nodes)
        {
            nodes[node.Id] = new Node(node.Host, node.Port, string.IsNullOrEmpty(node.Rack) ? null : node.Rack, false);
        }

        foreach (var (id, node) in nodes.ToList())
        {
            nodes[id] = node with { Answers = answers.GetValueOrDefault(id) || idle.GetValueOrDefault(id) };
        }
    }

    private void Note(TopicState topic, TopicFacts? facts, IReadOnlyDictionary<TopicPartition, long?> ends)
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
                topic.Reach(partition, begins.TryGetValue(at, out var begin) ? begin : null, end);
            }
            else
            {
                silent.Add(partition);
            }
        }

        var behind = facts.Partitions.SelectMany(partition => partition.Replicas.Except(partition.InSync)).Distinct().Order().ToList();
        var reason = silent.Count == facts.Partitions.Count ? $"No partition of topic '{facts.Name}' answers"
            : silent.Count > 0 ? $"Partition {string.Join(", ", silent)} of topic '{facts.Name}' does not answer; the others do"
            : behind.Count > 0 ? $"Broker {string.Join(", ", behind)} lacks copies of topic '{facts.Name}'; what it should hold is on the others"
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

    private void Publish(DescribeClusterResult cluster, IReadOnlyDictionary<string, TopicFacts> found, IReadOnlyDictionary<TopicPartition, long?> ends)
    {
        var replaced = topics.Select(topic => topic.WhyReplaced).FirstOrDefault(reason => reason is not null);
        var missing = topics.Select(topic => topic.Stream.Topic).FirstOrDefault(topic => !found.ContainsKey(topic));
        Volatile.Write(ref status, Status with
        {
            At = time.GetUtcNow(),
            ClusterId = cluster.ClusterId,
            ControllerId = cluster.Controller?.Id,
            Brokers = Brokers(),
            Topics =
            [
                .. topics.Select(topic => found.GetValueOrDefault(topic.Stream.Topic)).OfType<TopicFacts>().Select(facts => BrokerFacts.TopicOf(
                    facts, at => begins.TryGetValue(at, out var begin) ? begin : null, ends.GetValueOrDefault, at => groupOffsets.TryGetValue(at, out var offset) ? offset : null)),
            ],
            Problem = replaced ?? (missing is null ? null : $"Topic '{missing}' is not there any more. Its events are gone with it; start again to make it anew."),
        });
    }

    private IReadOnlyList<BrokerNode> Brokers() => [.. nodes.Select(node => new BrokerNode(node.Key, node.Value.Host, node.Value.Port, node.Value.Rack, node.Value.Answers))];

    private sealed record Node(string Host, int Port, string? Rack, bool Answers);
}
