using System.Buffers;
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
    /// <param name="entry">Header, rejected records, the schema message and the stored batch, in a rented array that the batch now owns.</param>
    /// <param name="length">Bytes of the array in use.</param>
    /// <param name="from">First offset wanted.</param>
    public static EventBatch Decode(StreamDefinition stream, in EntryHeader header, byte[] entry, int length, long from)
    {
        var owner = new RentedArray(entry);
        var rejected = ReadRejected(entry.AsSpan(header.Length, header.RejectedBytes), header.Rejected);
        RecordBatch events;
        if (header.Events == 0)
        {
            events = Empty(stream.Schema.Arrow);
        }
        else
        {
            using var reader = new ArrowStreamReader(entry.AsMemory((header.Length + header.RejectedBytes)..length));
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

    private sealed class RentedArray(byte[] array) : IDisposable
    {
        private byte[]? array = array;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref array, null) is { } mine)
            {
                ArrayPool<byte>.Shared.Return(mine);
            }
        }
    }
}
