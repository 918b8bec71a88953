using System.Runtime.InteropServices;
using System.Text;
using LogPipeline.Core.EventLog.Kafka.Native;

namespace LogPipeline.Core.EventLog.Kafka;

/// <summary>Reads single messages of a topic, as they are and no more than are asked for. Used once, by one thread.</summary>
internal sealed class MessageReader(KafkaOptions options, string topic, NativeLog log, TimeProvider time) : IDisposable
{
    private const int WaitMs = 100;

    // 31 December 9999: producers may write any number.
    private const long LatestTime = 253_402_300_799_999;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly NativeConsumer consumer = new(KafkaSettings.Browser(options), log);

    /// <summary>A page from places on: an equal share of each partition, and what some do not fill from the others.</summary>
    /// <exception cref="EventLogUnavailableException">A partition does not answer.</exception>
    public BrokerMessagePage Read(IReadOnlyList<PartitionBounds> bounds, IReadOnlyDictionary<int, long> starts, int limit, CancellationToken cancellationToken)
    {
        var next = starts.ToDictionary();
        var messages = new List<BrokerMessage>();
        while (messages.Count < limit)
        {
            var open = bounds.Where(held => next[held.Partition] < held.End).ToList();
            if (open.Count == 0)
            {
                break;
            }

            // With more partitions than room the first ones are read; the rest stay for the next page.
            var share = Math.Max(1, (limit - messages.Count) / open.Count);
            var takes = open.Take(limit - messages.Count).Select(held => new Take(held.Partition, next[held.Partition], held.End, share)).ToList();
            Read(takes, cancellationToken);
            foreach (var take in takes)
            {
                messages.AddRange(take.Messages);
                next[take.Partition] = take.Next;
            }
        }

        return PageOf(messages, next, bounds);
    }

    /// <summary>The last messages of each partition, an equal share each.</summary>
    /// <exception cref="EventLogUnavailableException">A partition does not answer.</exception>
    public BrokerMessagePage ReadNewest(IReadOnlyList<PartitionBounds> bounds, int limit, CancellationToken cancellationToken)
    {
        var share = Math.Max(1, limit / bounds.Count);
        var messages = new List<BrokerMessage>();
        var open = bounds.Where(held => held.Begin < held.End).Take(limit).ToList();

        // Some offsets carry no message: it is looked further back until there are enough.
        for (var back = share * 2L; open.Count > 0; back *= 8)
        {
            var takes = open.Select(held => new Take(held.Partition, Math.Max(held.Begin, held.End - back), held.End, share) { KeepsLast = true }).ToList();
            Read(takes, cancellationToken);
            foreach (var take in takes.Where(take => take.Messages.Count == share || take.Start == open.First(held => held.Partition == take.Partition).Begin))
            {
                messages.AddRange(take.Messages);
                open.RemoveAll(held => held.Partition == take.Partition);
            }
        }

        return PageOf(messages, bounds.ToDictionary(held => held.Partition, held => held.End), bounds);
    }

    /// <inheritdoc/>
    public void Dispose() => consumer.Dispose();

    private static BrokerMessagePage PageOf(List<BrokerMessage> messages, Dictionary<int, long> next, IReadOnlyList<PartitionBounds> bounds) => new(
        InOrder(messages), [.. next.OrderBy(one => one.Key).Select(one => new EventPosition(one.Key, one.Value))], bounds);

    // By time, but never against the order of a partition: a message counts as not older than the ones before it.
    private static IReadOnlyList<BrokerMessage> InOrder(List<BrokerMessage> messages)
    {
        var latest = new Dictionary<int, DateTimeOffset>();
        return
        [
            .. messages.OrderBy(message => message.Position.Partition).ThenBy(message => message.Position.Offset).Select(message =>
            {
                var known = latest.GetValueOrDefault(message.Position.Partition, DateTimeOffset.MinValue);
                var at = message.Timestamp is { } mine && mine > known ? mine : known;
                latest[message.Position.Partition] = at;
                return (at, message);
            }).ToList().OrderBy(one => one.at).ThenBy(one => one.message.Position.Partition).ThenBy(one => one.message.Position.Offset).Select(one => one.message),
        ];
    }

    private unsafe void Read(IReadOnlyList<Take> takes, CancellationToken cancellationToken)
    {
        var open = takes.ToDictionary(take => take.Partition);
        consumer.Assign(topic, takes.Select(take => (take.Partition, take.Start)));
        var progress = time.GetTimestamp();
        while (open.Count > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (time.GetElapsedTime(progress) > Patience)
            {
                throw new EventLogUnavailableException($"Partition {open.Keys.First()} of topic '{topic}' does not answer");
            }

            var message = RdKafka.Consume(consumer.Queue, WaitMs);
            if (message is null)
            {
                continue;
            }

            try
            {
                if (!open.TryGetValue(message->Partition, out var take))
                {
                    continue;
                }

                progress = time.GetTimestamp();
                if (message->Error is KafkaErrorCode.AutoOffsetReset or KafkaErrorCode.OffsetOutOfRange)
                {
                    throw new EventLogUnavailableException($"Partition {take.Partition} of topic '{topic}' no longer holds offset {take.Next}; ask again");
                }

                if (message->Error is KafkaErrorCode.PartitionEnd ? take.Reach(message->Offset) : message->Error is KafkaErrorCode.None && take.Add(message))
                {
                    _ = open.Remove(take.Partition);
                    consumer.Unassign(topic, [take.Partition]);
                }
            }
            finally
            {
                RdKafka.MessageDestroy(message);
            }
        }
    }

    /// <summary>What is read of one partition.</summary>
    private sealed class Take(int partition, long start, long end, int share)
    {
        public int Partition => partition;

        public long Start { get; } = start;

        /// <summary>Whether the last messages are kept, and not the first.</summary>
        public bool KeepsLast { get; init; }

        /// <summary>First offset that was not read.</summary>
        public long Next { get; private set; } = start;

        public Queue<BrokerMessage> Messages { get; } = new();

        /// <summary>Takes a message; true when there is nothing more to be read.</summary>
        public unsafe bool Add(Message* message)
        {
            if (message->Offset < Next)
            {
                return false;
            }

            if (message->Offset >= end)
            {
                Next = end;
                return true;
            }

            Next = message->Offset + 1;
            Messages.Enqueue(MessageOf(message));
            if (KeepsLast && Messages.Count > share)
            {
                _ = Messages.Dequeue();
            }

            return Next >= end || (!KeepsLast && Messages.Count == share);
        }

        /// <summary>Passes over offsets that carry no message; true when there is nothing more to be read.</summary>
        public bool Reach(long offset)
        {
            Next = Math.Min(end, Math.Max(Next, offset));
            return Next >= end;
        }

        private static unsafe BrokerMessage MessageOf(Message* message)
        {
            TimestampKind kind;
            var at = RdKafka.MessageTimestamp(message, &kind);
            return new BrokerMessage(
                new EventPosition(message->Partition, message->Offset),
                kind == TimestampKind.NotAvailable || at < 0 || at > LatestTime ? null : DateTimeOffset.FromUnixTimeMilliseconds(at),
                kind == TimestampKind.LogAppendTime,
                Bytes(message->Key, message->KeyLength), (int)message->KeyLength,
                HeadersOf(message),
                Bytes(message->Payload, message->Length), (int)message->Length);
        }

        private static unsafe List<BrokerMessageHeader> HeadersOf(Message* message)
        {
            var found = new List<BrokerMessageHeader>();
            nint headers;
            if (RdKafka.MessageHeaders(message, &headers) != KafkaErrorCode.None)
            {
                return found;
            }

            byte* name;
            byte* value;
            nuint size;
            for (nuint index = 0; RdKafka.HeaderGetAll(headers, index, &name, &value, &size) == KafkaErrorCode.None; index++)
            {
                found.Add(new BrokerMessageHeader(Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name)), Bytes(value, size)));
            }

            return found;
        }

        private static unsafe ReadOnlyMemory<byte>? Bytes(byte* start, nuint size) =>
            start is null ? (ReadOnlyMemory<byte>?)null : new ReadOnlySpan<byte>(start, (int)Math.Min(size, BrokerMessage.MaxValueBytes)).ToArray();
    }
}
