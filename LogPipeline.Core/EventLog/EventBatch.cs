using Apache.Arrow;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Streams;

namespace LogPipeline.Core.EventLog;

/// <summary>The unit that flows behind the event log: an Arrow RecordBatch plus the positions that it covers.</summary>
/// <remarks>
/// Every record received has a position of its own: accepted events take the first offsets of <see cref="Range"/>, rejected records
/// the following ones, unless the sparse offsets say otherwise. The reader of a batch owns it: buffers go back on <see cref="Dispose"/>.
/// </remarks>
public sealed class EventBatch(
    StreamDefinition stream, RecordBatch events, IReadOnlyList<RejectedRecord> rejected, EventRange range, long receivedAtMicros, IDisposable? owner = null) : IDisposable
{
    /// <summary>The stream it belongs to.</summary>
    public StreamDefinition Stream { get; } = stream;

    /// <summary>Accepted events with the stream's Arrow schema; may have no rows.</summary>
    public RecordBatch Events { get; } = events;

    /// <summary>Records that did not fit the stream.</summary>
    public IReadOnlyList<RejectedRecord> Rejected { get; } = rejected;

    /// <summary>Positions covered, rejected records and (on Kafka) gaps included.</summary>
    public EventRange Range { get; } = range;

    /// <summary>When the batch was received: microseconds since 1970, UTC.</summary>
    public long ReceivedAtMicros { get; } = receivedAtMicros;

    /// <summary>Offset of each row of <see cref="Events"/> where they are not consecutive from <c>Range.First</c>; otherwise empty.</summary>
    public ReadOnlyMemory<long> SparseOffsets { get; init; }

    /// <summary>When each row was received, in microseconds, where that differs within the batch; otherwise empty.</summary>
    public ReadOnlyMemory<long> SparseReceivedAtMicros { get; init; }

    /// <summary>Offset of each record of <see cref="Rejected"/> where they do not follow the events; otherwise empty.</summary>
    public ReadOnlyMemory<long> SparseRejectedOffsets { get; init; }

    /// <summary>When each record of <see cref="Rejected"/> was received, in microseconds, where that differs within the batch; otherwise empty.</summary>
    public ReadOnlyMemory<long> SparseRejectedReceivedAtMicros { get; init; }

    /// <summary>Offset of a row of <see cref="Events"/>.</summary>
    public long OffsetOf(int row) => SparseOffsets.IsEmpty ? Range.First + row : SparseOffsets.Span[row];

    /// <summary>Offset of a record of <see cref="Rejected"/>.</summary>
    public long OffsetOfRejected(int index) => SparseRejectedOffsets.IsEmpty ? Range.First + Events.Length + index : SparseRejectedOffsets.Span[index];

    /// <summary>When a record of <see cref="Rejected"/> was received: microseconds since 1970, UTC.</summary>
    public long ReceivedAtOfRejected(int index) => SparseRejectedReceivedAtMicros.IsEmpty ? ReceivedAtMicros : SparseRejectedReceivedAtMicros.Span[index];

    /// <inheritdoc/>
    public void Dispose()
    {
        Events.Dispose();
        owner?.Dispose();
    }
}
