using LogPipeline.Core.Streams;

namespace LogPipeline.Core.EventLog.Kafka;

/// <summary>What is known of one stream's topic: identity, bounds, and how it can be reached. Safe from any thread.</summary>
internal sealed class TopicState(StreamDefinition stream, string logId, int partitions) : ILogTopic
{
    private readonly Lock gate = new();
    private List<PartitionBounds> bounds = [.. Enumerable.Range(0, partitions).Select(partition => new PartitionBounds(partition, 0, 0))];
    private string? replaced;
    private string? problem;
    private bool isPartial;
    private long lastReceivedMicros;

    /// <inheritdoc/>
    public StreamDefinition Stream { get; } = stream;

    /// <summary>The topic's id.</summary>
    public string LogId { get; } = logId;

    /// <inheritdoc/>
    public int PartitionCount
    {
        get
        {
            lock (gate)
            {
                return bounds.Count;
            }
        }
    }

    /// <summary>The partitions, as Confluent's client names them.</summary>
    public IReadOnlyList<Confluent.Kafka.TopicPartition> Partitions =>
        [.. Enumerable.Range(0, PartitionCount).Select(partition => new Confluent.Kafka.TopicPartition(Stream.Topic, partition))];

    /// <summary>What each partition holds.</summary>
    public IReadOnlyList<PartitionBounds> Bounds
    {
        get
        {
            lock (gate)
            {
                return [.. bounds];
            }
        }
    }

    /// <summary>When the last event that was read was received, microseconds since 1970; 0 for none.</summary>
    public long LastReceivedMicros => Volatile.Read(ref lastReceivedMicros);

    /// <summary>Why it cannot be reached, or only in part; null when it can.</summary>
    public (string? Reason, bool IsPartial) Problem
    {
        get
        {
            lock (gate)
            {
                return (replaced ?? problem, replaced is null && isPartial);
            }
        }
    }

    /// <summary>Why nothing of it may be read or written any more; null while it may.</summary>
    public string? WhyReplaced
    {
        get
        {
            lock (gate)
            {
                return replaced;
            }
        }
    }

    /// <inheritdoc/>
    public void ThrowIfReplaced()
    {
        if (WhyReplaced is { } reason)
        {
            throw new EventLogException(reason);
        }
    }

    /// <summary>Takes note of the topic's present identity.</summary>
    public void Identify(string id)
    {
        if (id != LogId)
        {
            lock (gate)
            {
                replaced ??= $"Topic '{Stream.Topic}' was deleted and made anew: it was {LogId} and is {id}. Its offsets start again, so nothing of it is read or written. "
                    + $"If the table '{Stream.Table}' shall go on with the new topic, set LogPipeline:Lake:AdoptLog to {id} and start again";
            }
        }
    }

    /// <inheritdoc/>
    public void Reached(EventBatch batch)
    {
        Reach(batch.Range.Partition, null, batch.Range.Last + 1);
        if (batch.Events.Length + batch.Rejected.Count == 0)
        {
            return;
        }

        var last = Math.Max(
            batch.SparseReceivedAtMicros.IsEmpty ? 0 : batch.SparseReceivedAtMicros.Span[^1],
            batch.SparseRejectedReceivedAtMicros.IsEmpty ? 0 : batch.SparseRejectedReceivedAtMicros.Span[^1]);
        if (last > Volatile.Read(ref lastReceivedMicros))
        {
            Volatile.Write(ref lastReceivedMicros, last);
        }
    }

    /// <summary>Takes note of what a partition holds. The end never goes back: what was read was there.</summary>
    public void Reach(int partition, long? begin, long end)
    {
        lock (gate)
        {
            while (bounds.Count <= partition)
            {
                bounds.Add(new PartitionBounds(bounds.Count, 0, 0));
            }

            var known = bounds[partition];
            bounds[partition] = new PartitionBounds(partition, Math.Max(known.Begin, begin ?? known.Begin), Math.Max(known.End, end));
        }
    }

    /// <summary>Takes note of how it can be reached.</summary>
    /// <returns>Whether that is news.</returns>
    public bool SetProblem(string? reason, bool partial)
    {
        lock (gate)
        {
            var news = (problem is null) != (reason is null) || isPartial != partial;
            problem = reason;
            isPartial = partial;
            return news;
        }
    }
}
