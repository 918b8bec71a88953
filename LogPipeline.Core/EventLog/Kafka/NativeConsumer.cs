using LogPipeline.Core.EventLog.Kafka.Native;

namespace LogPipeline.Core.EventLog.Kafka;

/// <summary>A consumer of committed messages, by assignment and without a group.</summary>
/// <remarks>Messages are taken by one thread at a time. Nothing is called during or after <see cref="Dispose"/>.</remarks>
internal sealed unsafe class NativeConsumer(IReadOnlyDictionary<string, string> settings, NativeLog log) : IDisposable
{
    private readonly NativeClient client = new(ClientKind.Consumer, settings, log);

    /// <summary>What messages are taken from.</summary>
    public nint Queue => client.Queue;

    /// <summary>Begins to read partitions at offsets.</summary>
    /// <exception cref="EventLogUnavailableException">The library refuses.</exception>
    public void Assign(string topic, IEnumerable<(int Partition, long Offset)> partitions) =>
        With(topic, partitions, list => Check(RdKafka.IncrementalAssign(client.Handle, (TopicPartitionList*)list)));

    /// <summary>Ends the reading of partitions.</summary>
    /// <exception cref="EventLogUnavailableException">The library refuses.</exception>
    public void Unassign(string topic, IEnumerable<int> partitions) =>
        With(topic, partitions.Select(partition => (partition, 0L)), list => Check(RdKafka.IncrementalUnassign(client.Handle, (TopicPartitionList*)list)));

    /// <summary>Stops fetching and frees what was fetched ahead.</summary>
    public void Pause(string topic, IEnumerable<int> partitions) =>
        With(topic, partitions.Select(partition => (partition, 0L)), list => RdKafka.PausePartitions(client.Handle, (TopicPartitionList*)list));

    /// <summary>Fetches again, from the message behind the last one that was taken.</summary>
    public void Resume(string topic, IEnumerable<int> partitions) =>
        With(topic, partitions.Select(partition => (partition, 0L)), list => RdKafka.ResumePartitions(client.Handle, (TopicPartitionList*)list));

    /// <summary>Begin and committed end of a partition, from its leader.</summary>
    /// <exception cref="EventLogUnavailableException">It does not answer in time.</exception>
    public (long Begin, long End) Watermarks(string topic, int partition, TimeSpan timeout)
    {
        long low;
        long high;
        var code = RdKafka.QueryWatermarks(client.Handle, topic, partition, &low, &high, (int)timeout.TotalMilliseconds);
        return code == KafkaErrorCode.None ? (low, high) : throw new EventLogUnavailableException($"Partition {partition} of topic '{topic}' does not answer: {NativeText.Of(code)}");
    }

    /// <summary>The first offset of each partition that is at a time or later; the end where there is none.</summary>
    /// <exception cref="EventLogUnavailableException">The brokers do not answer in time.</exception>
    public IReadOnlyList<long> OffsetsAt(string topic, int partitions, long milliseconds, TimeSpan timeout)
    {
        var found = new long[partitions];
        With(topic, Enumerable.Range(0, partitions).Select(partition => (partition, milliseconds)), address =>
        {
            var list = (TopicPartitionList*)address;
            var code = RdKafka.OffsetsForTimes(client.Handle, list, (int)timeout.TotalMilliseconds);
            for (var index = 0; index < list->Count && code == KafkaErrorCode.None; index++)
            {
                code = list->Elements[index].Error;
                found[list->Elements[index].Partition] = list->Elements[index].Offset;
            }

            if (code != KafkaErrorCode.None)
            {
                throw new EventLogUnavailableException($"Topic '{topic}' does not tell its offsets: {NativeText.Of(code)}");
            }
        });
        return found;
    }

    /// <summary>Ends a wait for messages at once.</summary>
    public void Wake() => RdKafka.QueueYield(client.Queue);

    /// <inheritdoc/>
    public void Dispose() => client.Dispose();

    private static void With(string topic, IEnumerable<(int Partition, long Offset)> partitions, Action<nint> act)
    {
        var list = RdKafka.PartitionListNew(8);
        try
        {
            foreach (var (partition, offset) in partitions)
            {
                RdKafka.PartitionListAdd(list, topic, partition)->Offset = offset;
            }

            act((nint)list);
        }
        finally
        {
            RdKafka.PartitionListDestroy(list);
        }
    }

    private static void Check(nint error)
    {
        if (KafkaFailure.Take(error) is { } failure)
        {
            throw new EventLogUnavailableException($"Kafka's client refuses an assignment: {failure.Reason}");
        }
    }
}
