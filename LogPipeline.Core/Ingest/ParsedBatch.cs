using Apache.Arrow;
using LogPipeline.Core.Streams;

namespace LogPipeline.Core.Ingest;

/// <summary>What one request or one piece of a file was parsed into, ready for the event log.</summary>
/// <param name="stream">The stream it belongs to.</param>
/// <param name="events">Accepted events with the stream's Arrow schema, in the order received; may have no rows.</param>
/// <param name="rejected">Records that did not fit, in the order received.</param>
/// <param name="origin">Where it came from, for recognising it when it comes again; null when nothing identifies it.</param>
public sealed class ParsedBatch(StreamDefinition stream, RecordBatch events, IReadOnlyList<RejectedRecord> rejected, BatchOrigin? origin) : IDisposable
{
    /// <summary>The stream it belongs to.</summary>
    public StreamDefinition Stream { get; } = stream;

    /// <summary>Accepted events.</summary>
    public RecordBatch Events { get; } = events;

    /// <summary>Records that did not fit.</summary>
    public IReadOnlyList<RejectedRecord> Rejected { get; } = rejected;

    /// <summary>Where it came from, or null.</summary>
    public BatchOrigin? Origin { get; } = origin;

    /// <summary>Accepted and rejected records together.</summary>
    public int Count => Events.Length + Rejected.Count;

    /// <inheritdoc/>
    public void Dispose() => Events.Dispose();
}

/// <summary>A record that did not fit its stream, on its way to <c>dead_letters</c>.</summary>
/// <param name="Field">Field that is at fault, or null when the whole record is.</param>
/// <param name="Reason">What is wrong with it, for a person.</param>
/// <param name="Source">File, sender or generator that it came from, or null.</param>
/// <param name="Place">Line of the file, or index within the request; 0-based.</param>
/// <param name="Raw">The bytes as received, at most 64 KiB of them.</param>
public sealed record RejectedRecord(string? Field, string Reason, string? Source, long Place, ReadOnlyMemory<byte> Raw)
{
    /// <summary>Raw bytes beyond this many are cut off.</summary>
    public const int MaxRawBytes = 64 * 1024;
}

/// <summary>Identifies a batch, so that the event log recognises it when it is sent again.</summary>
public abstract record BatchOrigin;

/// <summary>An HTTP request that carried an <c>Idempotency-Key</c>.</summary>
/// <param name="Key">The key, at most 255 characters.</param>
/// <param name="Chunk">0 for the first batch of the request, counting up when one request is appended as several batches.</param>
public sealed record IdempotencyKeyOrigin(string Key, int Chunk = 0) : BatchOrigin;

/// <summary>A byte range of a file.</summary>
/// <param name="Fingerprint">Identifies the file's content, whatever its name.</param>
/// <param name="Start">First byte.</param>
/// <param name="End">One past the last byte: where reading resumes.</param>
/// <param name="Lines">Lines of the file before <paramref name="End"/>.</param>
public sealed record FileRangeOrigin(string Fingerprint, long Start, long End, long Lines) : BatchOrigin;
