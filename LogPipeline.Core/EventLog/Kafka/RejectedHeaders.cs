using System.Globalization;
using System.Text;
using LogPipeline.Core.EventLog.Kafka.Native;
using LogPipeline.Core.Ingest;

namespace LogPipeline.Core.EventLog.Kafka;

/// <summary>How a record that did not fit travels: its raw bytes are the value, and headers say what is wrong with them.</summary>
/// <remarks><c>logpipeline.reason</c> makes it one; <c>logpipeline.field</c>, <c>logpipeline.source</c> and <c>logpipeline.place</c> are there when they are known. All are UTF-8.</remarks>
internal static unsafe class RejectedHeaders
{
    /// <summary>Prefix of this product's headers.</summary>
    public const string Prefix = "logpipeline.";

    private static ReadOnlySpan<byte> Reason => "logpipeline.reason"u8;

    private static ReadOnlySpan<byte> Field => "logpipeline.field"u8;

    private static ReadOnlySpan<byte> Source => "logpipeline.source"u8;

    private static ReadOnlySpan<byte> Place => "logpipeline.place"u8;

    /// <summary>Makes the headers; who produces the message gives them away with it.</summary>
    public static nint Write(RejectedRecord record)
    {
        var headers = RdKafka.HeadersNew(4);
        Add(headers, Reason, record.Reason);
        Add(headers, Field, record.Field);
        Add(headers, Source, record.Source);
        Add(headers, Place, record.Place.ToString(CultureInfo.InvariantCulture));
        return headers;
    }

    /// <summary>Reads a record back; null when the message is an event.</summary>
    public static RejectedRecord? Read(Message* message)
    {
        nint headers;
        if (RdKafka.MessageHeaders(message, &headers) != KafkaErrorCode.None)
        {
            return null;
        }

        string? reason = null, field = null, source = null;
        var place = message->Offset;
        byte* name;
        byte* value;
        nuint size;
        for (nuint index = 0; RdKafka.HeaderGetAll(headers, index, &name, &value, &size) == KafkaErrorCode.None; index++)
        {
            var key = System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name);
            if (!key.StartsWith("logpipeline."u8))
            {
                continue;
            }

            var text = Encoding.UTF8.GetString(new ReadOnlySpan<byte>(value, (int)Math.Min(size, RejectedRecord.MaxRawBytes)));
            reason = key.SequenceEqual(Reason) ? text : reason;
            field = key.SequenceEqual(Field) ? text : field;
            source = key.SequenceEqual(Source) ? text : source;
            place = key.SequenceEqual(Place) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : place;
        }

        return reason is null ? null : new RejectedRecord(field, reason, source, place, Raw(message->Value));
    }

    /// <summary>As much of a message's bytes as a dead letter keeps.</summary>
    public static byte[] Raw(ReadOnlySpan<byte> value) => value[..Math.Min(value.Length, RejectedRecord.MaxRawBytes)].ToArray();

    private static void Add(nint headers, ReadOnlySpan<byte> name, string? text)
    {
        if (text is null)
        {
            return;
        }

        var value = Encoding.UTF8.GetBytes(text);
        fixed (byte* nameStart = name)
        fixed (byte* start = value)
        {
            // An empty array has no address, and a null value would read back as none.
            byte empty = 0;
            _ = RdKafka.HeaderAdd(headers, nameStart, name.Length, start is null ? &empty : start, value.Length);
        }
    }
}
