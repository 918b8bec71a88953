using System.Runtime.CompilerServices;
using LogPipeline.Core.EventLog.Kafka.Native;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Streams;

namespace LogPipeline.Core.EventLog.Kafka;

/// <summary>The event log of one stream in a Kafka topic.</summary>
/// <remarks>
/// Every event is one message: JSON, with the session or the source as key. Whoever writes to the topic, the same parser runs behind the
/// read. Offsets have gaps, so batches carry the offset of each row. How origins and batches become durable together: <c>docs/decisions/kafka-log.md</c>.
/// </remarks>
internal sealed class KafkaEventLog : IEventLog
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan VisibleWithin = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan VisibleStep = TimeSpan.FromMilliseconds(5);
    private readonly TopicState topic;
    private readonly KafkaLogSetup setup;
    private readonly LogWriter writer;
    private readonly CancellationTokenSource closing = new();
    private long visibleCommits;
    private int disposed;

    public KafkaEventLog(TopicState topic, KafkaLogSetup setup, LogWriterSetup writing)
    {
        this.topic = topic;
        this.setup = setup;
        Origins = writing.Origins;
        writer = new LogWriter(writing);
    }

    /// <inheritdoc/>
    public StreamDefinition Stream => topic.Stream;

    /// <inheritdoc/>
    public string LogId => topic.LogId;

    /// <inheritdoc/>
    public IReadOnlyList<PartitionBounds> Bounds => topic.Bounds;

    /// <summary>What is known of the topic.</summary>
    internal TopicState Topic => topic;

    /// <inheritdoc/>
    public EventLogStatus Status
    {
        get
        {
            var (reason, partial) = topic.Problem;
            var problem = reason ?? (closing.IsCancellationRequested ? "The event log is closing" : writer.Problem);
            return new EventLogStatus(problem is null || partial, problem, 0, writer.CommitMs, topic.LastReceivedMicros)
            {
                Kind = $"Kafka · {topic.PartitionCount} {(topic.PartitionCount == 1 ? "partition" : "partitions")} of {Stream.Topic}",
                IsPartial = partial,
            };
        }
    }

    private OriginIndex Origins { get; }

    /// <summary>Completes when the brokers know the writer and nothing of an earlier one is left open.</summary>
    internal Task Opened => writer.Opened;

    /// <inheritdoc/>
    public async ValueTask<AppendOutcome> AppendAsync(ParsedBatch batch, CancellationToken cancellationToken)
    {
        if (batch.Stream.Name != Stream.Name)
        {
            throw new ArgumentException($"A batch of stream '{batch.Stream.Name}' cannot go into the log of '{Stream.Name}'", nameof(batch));
        }

        return batch.Count == 0 && batch.Origin is null ? new AppendOutcome.Appended(0) : await writer.AppendAsync(batch, cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<LogRead> ReadAsync(IReadOnlyList<EventPosition> from, bool follow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        topic.ThrowIfReplaced();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, closing.Token);
        var starts = from.ToDictionary(position => position.Partition, position => position.Offset);
        IReadOnlyDictionary<int, long>? ends = null;
        if (!follow)
        {
            await UntilVisibleAsync(cancellationToken);
            var held = await RefreshBoundsAsync();
            ends = held.ToDictionary(one => one.Partition, one => one.End);
            foreach (var one in held)
            {
                var wanted = starts.GetValueOrDefault(one.Partition, one.Begin);
                if (wanted < one.Begin)
                {
                    yield return Gap(new EventRange(one.Partition, wanted, one.Begin - 1));
                }

                starts[one.Partition] = Math.Max(wanted, one.Begin);
            }

            if (held.All(one => starts[one.Partition] >= one.End))
            {
                yield break;
            }
        }
        else
        {
            for (var partition = 0; partition < topic.PartitionCount; partition++)
            {
                starts.TryAdd(partition, LogReader.BeginOffset);
            }
        }

        using var consumer = new NativeConsumer(KafkaSettings.Consumer(setup.Options, follow), setup.Log);
        await using var reader = new LogReader(topic, consumer, starts, ends, setup.Ingest, setup.Time);
        reader.Start();
        await foreach (var read in reader.Reads.ReadAllAsync(stop.Token))
        {
            yield return read is LogRead.Gap gap ? Gap(gap.Range) : read;
        }
    }

    /// <inheritdoc/>
    public void MarkStored(EventPosition position) => setup.Stored(Stream.Topic, position);

    /// <inheritdoc/>
    public async ValueTask ConfirmAsync(CancellationToken cancellationToken)
    {
        var found = await setup.Admin.DescribeAsync([Stream.Topic], Patience).WaitAsync(cancellationToken);
        if (!found.TryGetValue(Stream.Topic, out var facts))
        {
            throw new EventLogUnavailableException($"Topic '{Stream.Topic}' is not there");
        }

        topic.Identify(facts.Id);
        topic.ThrowIfReplaced();
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<PartitionBounds>> AskBoundsAsync(CancellationToken cancellationToken) => RefreshBoundsAsync().WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<EventPosition>?> FindReceivedAsync(long sinceMicros, CancellationToken cancellationToken)
    {
        var held = await RefreshBoundsAsync().WaitAsync(cancellationToken);
        var found = await setup.Admin.ListOffsetsAsync(topic.Partitions, sinceMicros / 1000, Patience).WaitAsync(cancellationToken);
        return [.. held.Select(one => new EventPosition(
            one.Partition, found.FirstOrDefault(other => other.Key.Partition.Value == one.Partition).Value is { } offset and >= 0 ? offset : one.End))];
    }

    /// <inheritdoc/>
    public FileRangeOrigin? FindFile(string fingerprint) => Origins.FindFile(fingerprint);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 1)
        {
            return;
        }

        await writer.DisposeAsync();
        await closing.CancelAsync();
        closing.Dispose();
    }

    /// <summary>Waits until what this host committed before the call can be read.</summary>
    /// <remarks>
    /// A commit is durable when the coordinator has it; the partitions learn of it a little later. Whoever reads to the end right behind an
    /// append would miss it. Somebody else's open transaction may hold a partition back for long, so the wait is bounded.
    /// </remarks>
    private async Task UntilVisibleAsync(CancellationToken cancellationToken)
    {
        var commit = writer.Commits;
        if (commit == Volatile.Read(ref visibleCommits))
        {
            return;
        }

        var started = setup.Time.GetTimestamp();
        var partitions = topic.Partitions;
        var written = await setup.Admin.ListOffsetsAsync(partitions, OffsetAt.Latest, Patience, committedOnly: false);
        while (setup.Time.GetElapsedTime(started) < VisibleWithin)
        {
            var committed = await setup.Admin.ListOffsetsAsync(partitions, OffsetAt.Latest, Patience);
            if (written.All(one => committed.GetValueOrDefault(one.Key) >= (one.Value ?? 0)))
            {
                break;
            }

            await Task.Delay(VisibleStep, setup.Time, cancellationToken);
        }

        Volatile.Write(ref visibleCommits, commit);
    }

    private LogRead.Gap Gap(EventRange range)
    {
        setup.Events.Gap(Stream.Name, range.First, range.Last);
        return new LogRead.Gap(range);
    }

    /// <summary>Asks the brokers what each partition holds.</summary>
    /// <exception cref="EventLogUnavailableException">A partition does not answer.</exception>
    internal async Task<IReadOnlyList<PartitionBounds>> RefreshBoundsAsync()
    {
        var partitions = topic.Partitions;
        var begins = setup.Admin.ListOffsetsAsync(partitions, OffsetAt.Earliest, Patience);
        var ends = setup.Admin.ListOffsetsAsync(partitions, OffsetAt.Latest, Patience);
        foreach (var (partition, end) in await ends)
        {
            if (end is null || !(await begins).TryGetValue(partition, out var begin) || begin is null)
            {
                throw new EventLogUnavailableException($"Partition {partition.Partition.Value} of topic '{Stream.Topic}' does not answer");
            }

            topic.Reach(partition.Partition.Value, begin, end.Value);
        }

        return topic.Bounds;
    }
}

/// <summary>What a <see cref="KafkaEventLog"/> works with.</summary>
internal sealed record KafkaLogSetup
{
    public required KafkaOptions Options { get; init; }

    public required IngestOptions Ingest { get; init; }

    public required KafkaAdmin Admin { get; init; }

    /// <summary>Takes what the tables hold of a topic.</summary>
    public required Action<string, EventPosition> Stored { get; init; }

    public required EventLogEvents Events { get; init; }

    public required NativeLog Log { get; init; }

    public required TimeProvider Time { get; init; }
}
