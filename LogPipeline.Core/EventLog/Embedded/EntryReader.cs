using System.Buffers.Binary;
using System.Text;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Streams;

namespace LogPipeline.Core.EventLog.Embedded;

/// <summary>Turns an entry back into a batch.</summary>
internal static class EntryReader
{
    /// <summary>Decodes an entry that was checked.</summary>
    /// <param name="stream">Stream that it belongs to.</param>
    /// <param name="header">Its header.</param>
    /// <param name="entry">The entry, whose array the batch takes over.</param>
    /// <param name="schema">The schema message that goes before the stored batch.</param>
    /// <param name="from">First offset wanted.</param>
    public static EventBatch Decode(StreamDefinition stream, in EntryHeader header, EntryMemory entry, ReadOnlySpan<byte> schema, long from)
    {
        var rejected = ReadRejected(entry.Memory.Span.Slice(header.Length, header.RejectedBytes), header.Rejected);
        var message = entry.Precede(header.Length + header.RejectedBytes, schema, header.ArrowBytes);
        var owner = entry.TakeOver();
        RecordBatch events;
        if (header.Events == 0)
        {
            events = Empty(stream.Schema.Arrow);
        }
        else
        {
            using var reader = new ArrowStreamReader(message);
            events = reader.ReadNextRecordBatch();
            if (header.Fingerprint != stream.Schema.Fingerprint)
            {
                events = SchemaMapping.Map(events, stream.Schema.Arrow);
            }
        }

        var skip = Math.Max(0, from - header.First);
        if (skip > 0)
        {
            var skippedEvents = (int)Math.Min(skip, events.Length);
            events = events.Slice(skippedEvents, events.Length - skippedEvents);
            rejected = [.. rejected.Skip((int)(skip - skippedEvents))];
        }

        return new EventBatch(stream, events, rejected, new EventRange(0, header.First + skip, header.End - 1), header.ReceivedMicros, owner);
    }

    private static RecordBatch Empty(Schema schema) => SchemaMapping.Empty(schema);

    private static RejectedRecord[] ReadRejected(ReadOnlySpan<byte> bytes, int count)
    {
        var records = count == 0 ? [] : new RejectedRecord[count];
        for (var index = 0; index < count; index++)
        {
            var place = BinaryPrimitives.ReadInt64LittleEndian(bytes);
            bytes = bytes[8..];
            var field = ReadText(ref bytes);
            var reason = ReadText(ref bytes);
            var source = ReadText(ref bytes);
            var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
            records[index] = new RejectedRecord(field, reason ?? "", source, place, bytes.Slice(4, length).ToArray());
            bytes = bytes[(4 + length)..];
        }

        return records;
    }

    private static string? ReadText(ref ReadOnlySpan<byte> bytes)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        bytes = bytes[4..];
        if (length < 0)
        {
            return null;
        }

        var text = Encoding.UTF8.GetString(bytes[..length]);
        bytes = bytes[length..];
        return text;
    }
}
