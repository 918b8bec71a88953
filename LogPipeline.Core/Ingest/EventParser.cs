using System.Text;
using LogPipeline.Core.Ingest.Columns;
using LogPipeline.Core.Ingest.Formats;
using LogPipeline.Core.Streams;

namespace LogPipeline.Core.Ingest;

/// <summary>Cuts one input into records and parses them into Arrow batches.</summary>
/// <remarks>
/// Feed bytes in order with <see cref="Parse"/>; what it does not consume is given again, with more behind it. Where one
/// batch ends depends on the content alone, not on how it arrives: chunk numbers of an idempotency key mean the same in
/// every attempt. Used by one thread at a time.
/// </remarks>
internal sealed class EventParser : IDisposable
{
    // A batch also ends when its rejected records hold this much; an entry of the event log has 4 MiB.
    private const int MaxRejectedBytes = 1 << 20;

    private readonly StreamDefinition stream;
    private readonly ILineFormat format;
    private readonly IngestOptions options;
    private readonly TimeProvider clock;
    private readonly string? source;
    private readonly BatchBuilder builder;
    private readonly JsonValueCutter? values;
    private List<RejectedRecord> rejected = [];
    private int rejectedBytes;
    private byte[]? tooLong;
    private long tooLongBytes;

    /// <summary>Starts an input.</summary>
    /// <param name="stream">Stream that the events belong to.</param>
    /// <param name="format">Format of a record.</param>
    /// <param name="options">Limits.</param>
    /// <param name="clock">Clock of the time of receipt.</param>
    /// <param name="source">Source of events that name none, and of rejected records.</param>
    /// <param name="framing">How records are told apart.</param>
    public EventParser(
        StreamDefinition stream, ILineFormat format, IngestOptions options, TimeProvider clock, string? source = null, RecordFraming framing = RecordFraming.Lines)
    {
        this.stream = stream;
        this.format = format;
        this.options = options;
        this.clock = clock;
        this.source = source;
        builder = new BatchBuilder(stream.Schema) { DefaultSource = source is null ? [] : Encoding.UTF8.GetBytes(source) };
        values = framing == RecordFraming.Lines ? null : new JsonValueCutter(framing == RecordFraming.JsonArray, options.MaxDepth);
    }

    /// <summary>Bytes consumed.</summary>
    public long Offset { get; private set; }

    /// <summary>Lines consumed, empty ones included; elements, for a JSON array.</summary>
    public long Lines { get; private set; }

    /// <summary>Whether the batch must be taken before more is parsed.</summary>
    public bool IsFull => builder.EstimatedBytes >= options.BatchBytes || builder.Rows >= options.BatchRows || rejectedBytes >= MaxRejectedBytes;

    /// <summary>Accepted and rejected records of the batch so far.</summary>
    public int Count => builder.Rows + rejected.Count;

    /// <summary>Starts at a place of a file that was reached before.</summary>
    public void StartAt(long offset, long lines)
    {
        Offset = offset;
        Lines = lines;
    }

    /// <summary>Parses complete records until the bytes end or the batch is full.</summary>
    /// <param name="bytes">What follows the bytes consumed so far.</param>
    /// <param name="last">Whether nothing follows: a last line without its end is then a record, too.</param>
    /// <returns>Bytes consumed.</returns>
    public int Parse(ReadOnlySpan<byte> bytes, bool last)
    {
        if (Count == 0)
        {
            builder.ReceivedAtMicros = clock.GetUtcNow().Ticks / 10 - (DateTime.UnixEpoch.Ticks / 10);
        }

        var consumed = values is null ? ParseLines(bytes, last) : ParseValues(values, bytes, last);
        Offset += consumed;
        return consumed;
    }

    /// <summary>Hands over what was parsed since the last call.</summary>
    public ParsedBatch Take(BatchOrigin? origin)
    {
        var batch = new ParsedBatch(stream, builder.Build(), rejected, origin);
        rejected = [];
        rejectedBytes = 0;
        return batch;
    }

    /// <inheritdoc/>
    public void Dispose() => builder.Dispose();

    private int ParseLines(ReadOnlySpan<byte> bytes, bool last)
    {
        var at = 0;
        if (Offset == 0 && bytes.StartsWith("\uFEFF"u8))
        {
            at = 3;
        }

        while (at < bytes.Length && !IsFull)
        {
            var rest = bytes[at..];
            var length = rest.IndexOf((byte)'\n');
            if (length < 0 && !last)
            {
                if (rest.Length <= options.MaxEventBytes)
                {
                    break;
                }

                KeepTooLong(rest);
                return bytes.Length;
            }

            var line = length < 0 ? rest : rest[..length];
            at += length < 0 ? rest.Length : length + 1;
            if (tooLong is not null)
            {
                tooLongBytes += line.Length;
                EndTooLong();
            }
            else
            {
                line = line is [.., (byte)'\r'] ? line[..^1] : line;
                if (!line.IsEmpty && !line.Trim((byte)' ').IsEmpty)
                {
                    ReadRecord(line);
                }
            }

            Lines++;
        }

        if (last && at == bytes.Length && tooLong is not null && !IsFull)
        {
            EndTooLong();
            Lines++;
        }

        return at;
    }

    private int ParseValues(JsonValueCutter cutter, ReadOnlySpan<byte> bytes, bool last)
    {
        var at = Offset == 0 && bytes.StartsWith("\uFEFF"u8) ? 3 : 0;
        while (!IsFull && cutter.TryNext(bytes[at..], last, options.MaxEventBytes, out var consumed, out var start, out var problem))
        {
            if (problem is not null)
            {
                Reject(new RecordError(null, problem), bytes[(at + start)..(at + consumed)]);
                Lines++;
            }
            else if (consumed > start)
            {
                ReadRecord(bytes[(at + start)..(at + consumed)]);
                Lines++;
            }

            at += consumed;
            if (at == bytes.Length)
            {
                break;
            }
        }

        return at;
    }

    private void ReadRecord(ReadOnlySpan<byte> record)
    {
        if (record.Length > options.MaxEventBytes)
        {
            Reject(TooLong(record.Length), record);
        }
        else if (!format.TryRead(record, builder, out var error))
        {
            Reject(error, record);
        }
    }

    private void Reject(RecordError error, ReadOnlySpan<byte> record)
    {
        var raw = record[..Math.Min(record.Length, RejectedRecord.MaxRawBytes)].ToArray();
        rejected.Add(new RejectedRecord(error.Field, error.Reason, source, Lines, raw));
        rejectedBytes += raw.Length + error.Reason.Length + 64;
    }

    private void KeepTooLong(ReadOnlySpan<byte> piece)
    {
        tooLong ??= piece[..Math.Min(piece.Length, RejectedRecord.MaxRawBytes)].ToArray();
        tooLongBytes += piece.Length;
    }

    private void EndTooLong()
    {
        Reject(TooLong(tooLongBytes), tooLong);
        tooLong = null;
        tooLongBytes = 0;
    }

    private RecordError TooLong(long bytes) =>
        new(null, FormattableString.Invariant($"is {bytes:N0} bytes long; an event has at most {options.MaxEventBytes:N0}"));
}
