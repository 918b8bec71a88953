using Confluent.Kafka;

namespace LogPipeline.Core.EventLog.Kafka;

/// <summary>Looks at brokers and topics twice a second: which brokers answer, whether the topics are still the same, where they end, how far our group is.</summary>
/// <remarks>A change is known within three seconds: half of one between looks, one and a half to ask twice what the topics are and in between who is there, one to ask where they end. It also publishes what the tables hold.</remarks>
internal sealed class ClusterMonitor : IAsyncDisposable
{
    private const int LooksPerBegin = 10;
    private const int LooksPerGroup = 4;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(650);
    private static readonly TimeSpan RefreshPatience = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan OffsetPatience = TimeSpan.FromSeconds(1);
    private readonly KafkaOptions options;
    private readonly KafkaAdmin admin;
    private readonly IReadOnlyList<TopicState> topics;
    private readonly StoredOffsets stored;
    private readonly EventLogEvents events;
    private readonly TimeProvider time;
    private readonly CancellationTokenSource stop = new();
    private readonly SortedDictionary<int, Node> nodes = [];
    private readonly Task running;
    private IReadOnlyDictionary<TopicPartition, long> groupOffsets = new Dictionary<TopicPartition, long>();
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

    private string? WhyReplaced => topics.Select(topic => topic.WhyReplaced).FirstOrDefault(reason => reason is not null);

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
        var publishing = Task.CompletedTask;
        try
        {
            for (var look = 0; ; look++)
            {
                await LookAsync(look);
                if (publishing.IsCompleted)
                {
                    publishing = stored.PublishAsync();
                }

                await timer.WaitForNextTickAsync(stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            await publishing;
            await stored.PublishAsync(isLast: true);
        }
    }

    private async Task LookAsync(int look)
    {
        var silence = Task.FromResult<IReadOnlyDictionary<int, bool>>(new Dictionary<int, bool>());
        try
        {
            var asked = AskAsync();
            try
            {
                _ = await asked;
            }
            catch (EventLogUnavailableException)
            {
                // One that stands still, or is not known to be gone yet, may have been asked.
                silence = AnswersAsync(nodes.Keys);
                await admin.RefreshAsync(RefreshPatience);
                asked = AskAsync();
            }

            await TakeAsync(look, await asked);
        }
        catch (EventLogUnavailableException error)
        {
            var known = await silence;
            NoteSilence(error.Message, known.Count > 0 ? known : await AnswersAsync(nodes.Keys));
        }
    }

    private async Task<Facts> AskAsync()
    {
        var cluster = admin.DescribeClusterAsync(Patience);
        var found = admin.DescribeAsync(topics.Select(topic => topic.Stream.Topic).Distinct(), Patience);
        await Task.WhenAll(cluster, found);
        return new Facts(await cluster, await found);
    }

    private async Task TakeAsync(int look, Facts facts)
    {
        var partitions = facts.Topics.Values.SelectMany(topic => topic.Partitions.Select((_, index) => new TopicPartition(topic.Name, index))).ToList();
        var leaders = facts.Topics.Values.SelectMany(topic => topic.Partitions.Select(partition => partition.Leader)).ToHashSet();

        // Those of which no partition is asked are asked something else.
        var idle = AnswersAsync(facts.Cluster.Nodes.Select(node => node.Id).Union(nodes.Keys).Where(id => !leaders.Contains(id)));
        var ends = OffsetsAsync(partitions, OffsetAt.Latest);
        var begin = look % LooksPerBegin == 0 ? OffsetsAsync(partitions, OffsetAt.Earliest) : null;
        var group = ReadGroupAsync(look, partitions);
        await Task.WhenAll(idle, ends, begin ?? ends, group);
        if (begin is not null)
        {
            begins = (await begin).Where(one => one.Value is not null).ToDictionary(one => one.Key, one => one.Value!.Value);
        }

        NoteBrokers(facts, await ends, await idle);
        foreach (var topic in topics)
        {
            Note(topic, facts.Topics.GetValueOrDefault(topic.Stream.Topic), await ends);
        }

        Publish(facts, await ends);
    }

    /// <summary>Nobody says what the topics are now: what was known of them stands, and brokers count as those that answer at all.</summary>
    private void NoteSilence(string reason, IReadOnlyDictionary<int, bool> answers)
    {
        foreach (var (id, node) in nodes.ToList())
        {
            nodes[id] = node with { Answers = answers.GetValueOrDefault(id) };
        }

        var any = nodes.Values.Any(node => node.Answers);
        foreach (var topic in topics)
        {
            Tell(topic, topic.WhyReplaced ?? (any ? $"Kafka does not say how topic '{topic.Stream.Topic}' is: {reason}" : $"No Kafka broker answers: {reason}"), isPartial: any && topic.WhyReplaced is null);
        }

        Volatile.Write(ref status, Status with
        {
            At = time.GetUtcNow(),
            Brokers = Brokers(),
            Problem = any ? WhyReplaced : $"No broker at {options.Brokers} answers: {reason}. Trying again.",
        });
    }

    private Task<IReadOnlyDictionary<TopicPartition, long?>> OffsetsAsync(List<TopicPartition> partitions, long which) =>
        partitions.Count == 0
            ? Task.FromResult<IReadOnlyDictionary<TopicPartition, long?>>(new Dictionary<TopicPartition, long?>())
            : admin.ListOffsetsAsync(partitions, which, OffsetPatience);

    private async Task<IReadOnlyDictionary<int, bool>> AnswersAsync(IEnumerable<int> brokers)
    {
        var asked = brokers.ToList();
        var answers = await Task.WhenAll(asked.Select(id => admin.AnswersAsync(id, Patience)));
        return asked.Zip(answers).ToDictionary(pair => pair.First, pair => pair.Second);
    }

    private async Task ReadGroupAsync(int look, List<TopicPartition> partitions)
    {
        if (look % LooksPerGroup != 0 || partitions.Count == 0)
        {
            return;
        }

        try
        {
            groupOffsets = await admin.GroupOffsetsAsync(partitions, Patience);
        }
        catch (EventLogUnavailableException)
        {
            // The coordinator of the group moves; what was known stands until it answers.
        }
    }

    private void NoteBrokers(Facts facts, IReadOnlyDictionary<TopicPartition, long?> ends, IReadOnlyDictionary<int, bool> idle)
    {
        var answers = facts.Topics.Values.SelectMany(topic => topic.Partitions.Select((partition, index) => (partition.Leader, Answers: ends.GetValueOrDefault(new TopicPartition(topic.Name, index)) is not null)))
            .GroupBy(one => one.Leader).ToDictionary(group => group.Key, group => group.Any(one => one.Answers));
        foreach (var node in facts.Cluster.Nodes)
        {
            nodes[node.Id] = new Node(node.Host, node.Port, node.Rack.Length == 0 ? null : node.Rack, false);
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

    private void Publish(Facts facts, IReadOnlyDictionary<TopicPartition, long?> ends)
    {
        var (cluster, found) = facts;
        var missing = topics.Select(topic => topic.Stream.Topic).FirstOrDefault(topic => !found.ContainsKey(topic));
        Volatile.Write(ref status, Status with
        {
            At = time.GetUtcNow(),
            ClusterId = cluster.ClusterId,
            ControllerId = cluster.Controller,
            Brokers = Brokers(),
            Topics =
            [
                .. topics.Select(topic => found.GetValueOrDefault(topic.Stream.Topic)).OfType<TopicFacts>().Select(one => BrokerFacts.TopicOf(
                    one, at => begins.TryGetValue(at, out var begin) ? begin : null, ends.GetValueOrDefault, at => groupOffsets.TryGetValue(at, out var offset) ? offset : null)),
            ],
            Problem = WhyReplaced ?? (missing is null ? null : $"Topic '{missing}' is not there any more. Its events are gone with it; start again to make it anew."),
        });
    }

    private IReadOnlyList<BrokerNode> Brokers() => [.. nodes.Select(node => new BrokerNode(node.Key, node.Value.Host, node.Value.Port, node.Value.Rack, node.Value.Answers))];

    private sealed record Facts(ClusterFacts Cluster, IReadOnlyDictionary<string, TopicFacts> Topics);

    private sealed record Node(string Host, int Port, string? Rack, bool Answers);
}
