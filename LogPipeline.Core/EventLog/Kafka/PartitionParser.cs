using LogPipeline.Core.EventLog.Kafka.Native;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Ingest.Columns;
using LogPipeline.Core.Ingest.Formats;
using LogPipeline.Core.Streams;

namespace LogPipeline.Core.EventLog.Kafka;

/// <summary>Parses the messages of one partition into batches, as the ingest parses what it takes in.</summary>
/// <remarks>
/// Invariant: every offset before <see cref="Position"/> is in a batch that was taken or is in the one to come; offsets that carry no
/// message (ends of transactions, what was compacted away) count to the batch around them. What becomes of a message depends on the
/// message alone, so that reading it again gives the same. Used by one thread at a time.
/// </remarks>
internal sealed unsafe class PartitionParser(StreamDefinition stream, JsonEventFormat format, IngestOptions options, int partition, long start, TimeProvider time) : IDisposable
{
    private const int MaxRejectedBytes = 4 << 20;
    private readonly BatchBuilder builder = new(stream.Schema);
    private readonly LongBuffer offsets = new();
    private readonly LongBuffer received = new();
    private readonly LongBuffer rejectedOffsets = new();
    private readonly LongBuffer rejectedReceived = new();
    private List<RejectedRecord> rejected = [];
    private int rejectedBytes;
    private long first = start;
    private long firstReceived;

    /// <summary>The partition.</summary>
    public int Partition => partition;

    /// <summary>The offset wanted next; negative while it is only known to be the begin.</summary>
    public long Position { get; private set; } = start;

    /// <summary>Whether the batch must be taken before more is added.</summary>
    public bool IsFull => builder.EstimatedBytes >= options.BatchBytes || builder.Rows >= options.BatchRows || rejectedBytes >= MaxRejectedBytes;

    /// <summary>Whether there is anything to take: records, or positions that hold none.</summary>
    public bool HasAny => Position > first;

    /// <summary>Whether there are records to take.</summary>
    public bool HasRecords => builder.Rows > 0 || rejected.Count > 0;

    /// <summary>Adds a message.</summary>
    public void Add(Message* message)
    {
        if (message->Offset < Position)
        {
            return;
        }

        Begin(message->Offset);
        Position = message->Offset + 1;
        TimestampKind kind;
        var at = RdKafka.MessageTimestamp(message, &kind);
        var micros = kind == TimestampKind.NotAvailable || at < 0 ? NowMicros() : at * 1000;
        if (!HasRecords)
        {
            firstReceived = micros;
        }

        if (RejectedHeaders.Read(message) is { } known)
        {
            Reject(known, message->Offset, micros);
        }
        else if (message->Payload is null)
        {
            Reject(new RejectedRecord(null, "has no value: a tombstone is no event", null, message->Offset, ReadOnlyMemory<byte>.Empty), message->Offset, micros);
        }
        else
        {
            Parse(message->Value, message->Offset, micros);
        }
    }

    /// <summary>Passes over offsets that carry no message.</summary>
    public void AdvanceTo(long offset)
    {
        if (offset > Position)
        {
            Begin(offset);
            Position = offset;
        }
    }

    /// <summary>Goes on at an offset, after what lies before it was reported as gone.</summary>
    public void RestartAt(long offset)
    {
        first = offset;
        Position = offset;
    }

    /// <summary>Hands over what was parsed since the last call.</summary>
    public EventBatch Take()
    {
        var range = new EventRange(partition, first, Position - 1);
        var events = builder.Build();
        var (rowOffsets, rows) = offsets.Take();
        var (rowTimes, _) = received.Take();
        var (badOffsets, bad) = rejectedOffsets.Take();
        var (badTimes, _) = rejectedReceived.Take();
        var batch = new EventBatch(stream, events, rejected, range, rows + bad > 0 ? firstReceived : NowMicros(), new Rented(rowOffsets, rowTimes, badOffsets, badTimes))
        {
            SparseOffsets = rowOffsets.AsMemory(0, rows),
            SparseReceivedAtMicros = rowTimes.AsMemory(0, rows),
            SparseRejectedOffsets = badOffsets.AsMemory(0, bad),
            SparseRejectedReceivedAtMicros = badTimes.AsMemory(0, bad),
        };
        rejected = [];
        rejectedBytes = 0;
        first = Position;
        return batch;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        builder.Dispose();
        foreach (var buffer in (ReadOnlySpan<LongBuffer>)[offsets, received, rejectedOffsets, rejectedReceived])
        {
            LongBuffer.Return(buffer.Take().Array);
        }
    }

    // Where reading began at the begin, whatever it is, the first thing read says where that was.
    private void Begin(long offset)
    {
        if (first < 0)
        {
            first = offset;
        }
    }

    private void Parse(ReadOnlySpan<byte> value, long offset, long micros)
    {
        builder.ReceivedAtMicros = micros;
        var error = default(RecordError);
        if (value.Length > options.MaxEventBytes)
        {
            error = new RecordError(null, FormattableString.Invariant($"is {value.Length:N0} bytes long; an event has at most {options.MaxEventBytes:N0}"));
        }
        else if (value.Trim(" \t\r\n"u8).IsEmpty)
        {
            error = new RecordError(null, "is empty");
        }
        else if (format.TryRead(value, builder, out error))
        {
            offsets.Add(offset);
            received.Add(micros);
            return;
        }

        Reject(new RejectedRecord(error.Field, error.Reason, null, offset, RejectedHeaders.Raw(value)), offset, micros);
    }

    private void Reject(RejectedRecord record, long offset, long micros)
    {
        rejected.Add(record);
        rejectedOffsets.Add(offset);
        rejectedReceived.Add(micros);
        rejectedBytes += record.Raw.Length + record.Reason.Length + 64;
    }

    private long NowMicros() => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private sealed class Rented(params long[][] arrays) : IDisposable
    {
        private long[][]? arrays = arrays;

        public void Dispose()
        {
            foreach (var array in Interlocked.Exchange(ref arrays, null) ?? [])
            {
                LongBuffer.Return(array);
            }
        }
    }
}
