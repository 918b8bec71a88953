using System.Text;
using Apache.Arrow;
using LogPipeline.Core.Ingest;

namespace LogPipeline.Core.EventLog.Kafka;

/// <summary>One message on its way: where its value and key stand in the batch's buffer.</summary>
/// <param name="Value">Start of the value; the key follows it.</param>
/// <param name="ValueLength">Length of the value.</param>
/// <param name="KeyLength">Length of the key; 0 for none.</param>
/// <param name="Rejected">What its headers say, when it is a record that did not fit; else null.</param>
internal readonly record struct EncodedMessage(int Value, int ValueLength, int KeyLength, RejectedRecord? Rejected);

/// <summary>A parsed batch as messages: one JSON event a row, then the records that did not fit.</summary>
internal sealed class EncodedBatch : IDisposable
{
    private readonly ValueBuffer buffer;
    private readonly EncodedMessage[] messages;

    private EncodedBatch(ValueBuffer buffer, EncodedMessage[] messages)
    {
        this.buffer = buffer;
        this.messages = messages;
    }

    /// <summary>The messages in order.</summary>
    public ReadOnlySpan<EncodedMessage> Messages => messages;

    /// <summary>Values and keys.</summary>
    public ReadOnlySpan<byte> Bytes => buffer.Written;

    /// <summary>Encodes a batch.</summary>
    /// <param name="batch">The batch; it stays its owner's.</param>
    /// <param name="maxValueBytes">Longest value that the topic takes. A longer event becomes a record that did not fit.</param>
    public static EncodedBatch Of(ParsedBatch batch, int maxValueBytes)
    {
        var buffer = new ValueBuffer(Math.Max(1024, batch.Events.Length * 512));
        try
        {
            var messages = new EncodedMessage[batch.Count];
            using var writer = new EventJsonWriter(batch.Stream.Schema, batch.Events, buffer);
            var mayHoldNul = HoldsNul(batch.Events);
            for (var row = 0; row < batch.Events.Length; row++)
            {
                messages[row] = Encode(batch, row, writer, buffer, maxValueBytes, mayHoldNul);
            }

            for (var index = 0; index < batch.Rejected.Count; index++)
            {
                var record = batch.Rejected[index];
                var start = buffer.Length;
                buffer.Write(record.Raw.Span);
                messages[batch.Events.Length + index] = new EncodedMessage(start, record.Raw.Length, WriteKey(buffer, record.Source), record);
            }

            return new EncodedBatch(buffer, messages);
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => buffer.Dispose();

    private static EncodedMessage Encode(ParsedBatch batch, int row, EventJsonWriter writer, ValueBuffer buffer, int maxValueBytes, bool mayHoldNul)
    {
        var start = buffer.Length;
        writer.Write(row);
        var length = buffer.Length - start;
        var problem = length > maxValueBytes ? FormattableString.Invariant($"is {length:N0} bytes long as JSON; the topic takes at most {maxValueBytes:N0}")
            : mayHoldNul && HoldsNul(batch.Events, row) ? "contains a NUL character"
            : null;
        RejectedRecord? rejected = null;
        if (problem is not null)
        {
            rejected = new RejectedRecord(null, problem, null, row, RejectedHeaders.Raw(buffer.Written[start..]));
            buffer.Truncate(start);
            buffer.Write(rejected.Raw.Span);
            length = rejected.Raw.Length;
        }

        var key = writer.KeyOf(row);
        buffer.Write(key);
        return new EncodedMessage(start, length, key.Length, rejected);
    }

    private static int WriteKey(ValueBuffer buffer, string? key)
    {
        if (string.IsNullOrEmpty(key))
        {
            return 0;
        }

        var start = buffer.Length;
        buffer.Write(Encoding.UTF8.GetBytes(key));
        return buffer.Length - start;
    }

    // An access log may hold a NUL; a JSON event may not, and the reader would reject it.
    private static bool HoldsNul(RecordBatch events)
    {
        foreach (var column in events.Arrays)
        {
            if ((column is StringArray text && text.ValueBuffer.Span.Contains((byte)0))
                || (column is MapArray { Keys: StringArray keys, Values: StringArray values }
                    && (keys.ValueBuffer.Span.Contains((byte)0) || values.ValueBuffer.Span.Contains((byte)0))))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HoldsNul(RecordBatch events, int row)
    {
        foreach (var column in events.Arrays)
        {
            if (column is StringArray text && !text.IsNull(row) && text.GetBytes(row).Contains((byte)0))
            {
                return true;
            }

            if (column is MapArray { Keys: StringArray keys, Values: StringArray values } map && !map.IsNull(row))
            {
                for (var index = map.ValueOffsets[row]; index < map.ValueOffsets[row + 1]; index++)
                {
                    if (keys.GetBytes(index).Contains((byte)0) || values.GetBytes(index).Contains((byte)0))
                    {
                        return true;
                    }
                }
            }
        }

        return false;
    }
}
