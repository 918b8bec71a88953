using LogPipeline.Core.EventLog.Kafka.Native;

namespace LogPipeline.Core.EventLog.Kafka;

/// <summary>A producer whose messages become visible together, or not at all.</summary>
/// <remarks>Used by one thread. After a fatal failure it is disposed and made anew: the same transactional id ends what the old one left open.</remarks>
internal sealed unsafe class TransactionalProducer(IReadOnlyDictionary<string, string> settings, NativeLog log) : IDisposable
{
    private readonly NativeClient client = new(ClientKind.Producer, settings, log);

    /// <summary>Registers with the brokers. May be called again when it could be retried.</summary>
    public KafkaFailure? Initialize(TimeSpan timeout) => KafkaFailure.Take(RdKafka.InitTransactions(client.Handle, (int)timeout.TotalMilliseconds));

    /// <summary>Begins a transaction.</summary>
    public KafkaFailure? Begin() => KafkaFailure.Take(RdKafka.BeginTransaction(client.Handle));

    /// <summary>Commits it. May be called again when it could be retried.</summary>
    public KafkaFailure? Commit(TimeSpan timeout) => KafkaFailure.Take(RdKafka.CommitTransaction(client.Handle, (int)timeout.TotalMilliseconds));

    /// <summary>Takes it back. May be called again when it could be retried.</summary>
    public KafkaFailure? Abort(TimeSpan timeout) => KafkaFailure.Take(RdKafka.AbortTransaction(client.Handle, (int)timeout.TotalMilliseconds));

    /// <summary>Adds a batch to the transaction.</summary>
    /// <param name="topic">The stream's topic.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="milliseconds">Time of receipt since 1970.</param>
    public KafkaFailure? Produce(string topic, EncodedBatch batch, long milliseconds)
    {
        var name = System.Text.Encoding.UTF8.GetBytes(topic + '\0');
        fixed (byte* topicName = name)
        fixed (byte* bytes = batch.Bytes)
        {
            // An empty value is not the same as none, which would be a tombstone.
            byte empty = 0;
            foreach (var message in batch.Messages)
            {
                var value = message.ValueLength == 0 ? &empty : bytes + message.Value;
                var key = message.KeyLength == 0 ? null : bytes + message.Value + message.ValueLength;
                if (Produce(topicName, RdKafka.AnyPartition, key, message.KeyLength, value, message.ValueLength, milliseconds, message.Rejected) is { } failure)
                {
                    return failure;
                }
            }
        }

        return null;
    }

    /// <summary>Adds one record for partition 0 of a topic.</summary>
    public KafkaFailure? Produce(string topic, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, long milliseconds)
    {
        var name = System.Text.Encoding.UTF8.GetBytes(topic + '\0');
        fixed (byte* topicName = name)
        fixed (byte* keyStart = key)
        fixed (byte* valueStart = value)
        {
            return Produce(topicName, 0, keyStart, key.Length, valueStart, value.Length, milliseconds, null);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ = RdKafka.Purge(client.Handle, RdKafka.PurgeAll);
        client.Dispose();
    }

    private KafkaFailure? Produce(byte* topic, int partition, byte* key, int keyLength, byte* value, int valueLength, long milliseconds, Ingest.RejectedRecord? rejected)
    {
        var arguments = stackalloc ProduceArgument[7];
        arguments[0] = new ProduceArgument { Kind = ProduceArgumentKind.Topic, Pointer = (nint)topic };
        arguments[1] = new ProduceArgument { Kind = ProduceArgumentKind.Partition, Number = partition };
        arguments[2] = new ProduceArgument { Kind = ProduceArgumentKind.Flags, Number = RdKafka.MessageCopy };
        arguments[3] = new ProduceArgument { Kind = ProduceArgumentKind.Value, Pointer = (nint)value, Size = (nuint)valueLength };
        arguments[4] = new ProduceArgument { Kind = ProduceArgumentKind.Timestamp, Long = milliseconds };
        var count = 5;
        if (key is not null)
        {
            arguments[count++] = new ProduceArgument { Kind = ProduceArgumentKind.Key, Pointer = (nint)key, Size = (nuint)keyLength };
        }

        nint headers = 0;
        if (rejected is not null)
        {
            headers = RejectedHeaders.Write(rejected);
            arguments[count++] = new ProduceArgument { Kind = ProduceArgumentKind.Headers, Pointer = headers };
        }

        var failure = KafkaFailure.Take(RdKafka.Produce(client.Handle, arguments, (nuint)count));
        if (failure is not null && headers != 0)
        {
            RdKafka.HeadersDestroy(headers);
        }

        return failure;
    }
}
