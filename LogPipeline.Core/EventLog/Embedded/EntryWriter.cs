using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using LogPipeline.Core.Ingest;

namespace LogPipeline.Core.EventLog.Embedded;

/// <summary>Turns parsed batches into entries.</summary>
internal static class EntryWriter
{
    private const int RejectedOverhead = 32;
    private const int MessageOverhead = 64 * 1024;

    /// <summary>Encodes a batch as one entry, or as several when it does not fit; the last one carries the origin.</summary>
    /// <exception cref="ArgumentException">One event alone is larger than an entry, or the origin's text is too long.</exception>
    public static List<EntryBuffer> Encode(ParsedBatch batch, int maxEntryBytes)
    {
        var headerLength = EntryHeader.LengthFor(batch.Origin);
        if (headerLength > EntryHeader.FixedLength + EntryHeader.MaxOriginBytes)
        {
            throw new ArgumentException("The origin's key or fingerprint is too long", nameof(batch));
        }

        var entries = new List<EntryBuffer>(1);
        var budget = maxEntryBytes - headerLength;
        try
        {
            var rejectedFrom = 0;
            var rejectedTo = FittingRejected(batch.Rejected, 0, budget, out var rejectedBytes);
            var all = rejectedTo == batch.Rejected.Count;
            if (!all || !TryEncode(batch, batch.Events, 0, rejectedTo, last: true, maxEntryBytes, entries))
            {
                EncodeEvents(batch, batch.Events, maxEntryBytes, entries);
                while (rejectedFrom < batch.Rejected.Count)
                {
                    rejectedTo = FittingRejected(batch.Rejected, rejectedFrom, budget - 4096, out rejectedBytes);
                    var none = batch.Events.Slice(0, 0);
                    if (!TryEncode(batch, none, rejectedFrom, rejectedTo, last: false, maxEntryBytes, entries))
                    {
                        throw new ArgumentException($"{rejectedBytes} bytes of rejected records do not fit into an entry", nameof(batch));
                    }

                    rejectedFrom = rejectedTo;
                }

                // The last entry carries the origin and ends the batch.
                MarkLast(entries, batch, maxEntryBytes);
            }

            return entries;
        }
        catch
        {
            entries.ForEach(entry => entry.Dispose());
            throw;
        }
    }

    /// <summary>The schema as an IPC message: what <see cref="EntryReader"/> puts before a stored batch.</summary>
    public static byte[] EncodeSchema(Schema schema)
    {
        using var target = new MemoryStream();
        using (var writer = new ArrowStreamWriter(target, schema, leaveOpen: true))
        {
            writer.WriteStart();
        }

        return target.ToArray();
    }

    private static void MarkLast(List<EntryBuffer> entries, ParsedBatch batch, int maxEntryBytes)
    {
        var none = batch.Events.Slice(0, 0);
        if (batch.Origin is null && entries.Count > 0)
        {
            EntryHeader.TryRead(entries[^1].Written, out var header);
            (header with { IsContinued = false }).Write(entries[^1].Written);
        }
        else if (!TryEncode(batch, none, 0, 0, last: true, maxEntryBytes, entries))
        {
            throw new ArgumentException("The batch's origin does not fit into an entry", nameof(batch));
        }
    }

    private static void EncodeEvents(ParsedBatch batch, RecordBatch events, int maxEntryBytes, List<EntryBuffer> entries)
    {
        if (events.Length == 0 || TryEncode(batch, events, 0, 0, last: false, maxEntryBytes, entries))
        {
            return;
        }

        if (events.Length == 1)
        {
            throw new ArgumentException($"One event is larger than an entry of the event log ({maxEntryBytes} bytes)", nameof(batch));
        }

        var half = events.Length / 2;
        // Slices share the buffers of the batch, which its owner disposes.
        EncodeEvents(batch, events.Slice(0, half), maxEntryBytes, entries);
        EncodeEvents(batch, events.Slice(half, events.Length - half), maxEntryBytes, entries);
    }

    private static bool TryEncode(
        ParsedBatch batch, RecordBatch events, int rejectedFrom, int rejectedTo, bool last, int maxEntryBytes, List<EntryBuffer> entries)
    {
        // Arrow writes slices of fixed-width columns exactly, so rows times the narrowest width is a floor worth checking.
        if ((long)events.Length * 8 > maxEntryBytes)
        {
            return false;
        }

        var origin = last ? batch.Origin : null;
        var buffer = new EntryBuffer((int)Math.Min(SizeHint(batch, events), maxEntryBytes + MessageOverhead));
        try
        {
            var headerLength = EntryHeader.LengthFor(origin);
            buffer.Reserve(headerLength);
            for (var index = rejectedFrom; index < rejectedTo; index++)
            {
                WriteRejected(buffer, batch.Rejected[index]);
            }

            buffer.PadTo8();
            var arrowFrom = (int)buffer.Length;
            if (events.Length > 0)
            {
                using var writer = new BatchWriter(buffer, events.Schema);
                writer.WriteRecordBatch(events);
            }

            if (buffer.Length > maxEntryBytes)
            {
                buffer.Dispose();
                return false;
            }

            var entry = buffer.Written;
            new EntryHeader
            {
                Length = headerLength,
                Fingerprint = batch.Stream.Schema.Fingerprint,
                Events = events.Length,
                Rejected = rejectedTo - rejectedFrom,
                RejectedBytes = arrowFrom - headerLength,
                ArrowBytes = entry.Length - arrowFrom,
                BodyHash = XxHash3.HashToUInt64(entry[headerLength..]),
                IsContinued = !last,
                Origin = origin,
            }.Write(entry);
            entries.Add(buffer);
            return true;
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }

    // Slices count with their whole buffers: a hint may be too large.
    private static long SizeHint(ParsedBatch batch, RecordBatch events)
    {
        long bytes = MessageOverhead / 8;
        foreach (var column in events.Length == 0 ? [] : events.Arrays)
        {
            bytes += BytesOf(column.Data);
        }

        foreach (var record in batch.Rejected)
        {
            bytes += record.Raw.Length + (RejectedOverhead * 8);
        }

        return bytes;
    }

    private static long BytesOf(ArrayData data)
    {
        long bytes = 0;
        foreach (var buffer in data.Buffers)
        {
            bytes += buffer.Length + 64;
        }

        foreach (var child in data.Children ?? [])
        {
            bytes += BytesOf(child);
        }

        return bytes;
    }

    private static int FittingRejected(IReadOnlyList<RejectedRecord> rejected, int from, int budget, out int bytes)
    {
        bytes = 0;
        var index = from;
        for (; index < rejected.Count; index++)
        {
            var one = rejected[index];
            var size = RejectedOverhead + one.Raw.Length + (3 * (one.Reason.Length + (one.Field?.Length ?? 0) + (one.Source?.Length ?? 0)));
            if (bytes + size > budget && index > from)
            {
                break;
            }

            bytes += size;
        }

        return index;
    }

    // i64 place, then field, reason, source and raw, each as i32 length (-1 for null) and bytes.
    private static void WriteRejected(EntryBuffer buffer, RejectedRecord record)
    {
        BinaryPrimitives.WriteInt64LittleEndian(buffer.Reserve(8), record.Place);
        WriteText(buffer, record.Field);
        WriteText(buffer, record.Reason);
        WriteText(buffer, record.Source);
        BinaryPrimitives.WriteInt32LittleEndian(buffer.Reserve(4), record.Raw.Length);
        buffer.Write(record.Raw.Span);
    }

    private static void WriteText(EntryBuffer buffer, string? text)
    {
        if (text is null)
        {
            BinaryPrimitives.WriteInt32LittleEndian(buffer.Reserve(4), -1);
            return;
        }

        var count = Encoding.UTF8.GetByteCount(text);
        BinaryPrimitives.WriteInt32LittleEndian(buffer.Reserve(4), count);
        Encoding.UTF8.GetBytes(text, buffer.Reserve(count));
    }

    /// <summary>Writes RecordBatch messages without the schema, which is kept once a log.</summary>
    private sealed class BatchWriter : ArrowStreamWriter
    {
        public BatchWriter(Stream target, Schema schema)
            : base(target, schema, leaveOpen: true) => HasWrittenSchema = true;
    }
}
