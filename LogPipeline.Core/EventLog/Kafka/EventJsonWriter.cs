using System.Buffers.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Apache.Arrow;
using LogPipeline.Core.Ingest.Formats;
using LogPipeline.Core.Streams;

namespace LogPipeline.Core.EventLog.Kafka;

/// <summary>Writes rows of a stream as JSON events that <see cref="Ingest.Formats.JsonEventFormat"/> reads back to the same columns.</summary>
/// <remarks>
/// Sample: <c>{"timestamp":"2025-11-23T03:41:07.25Z","level":"INFO","status":200,"plan":"pro"}</c>. Columns that are null are left out;
/// attributes stand beside the columns, as texts, unless a column has their name. Used by one thread at a time.
/// </remarks>
internal sealed class EventJsonWriter : IDisposable
{
    private static readonly string[] KeyColumns = ["session_id", "source"];
    private readonly RecordBatch events;
    private readonly JsonEncodedText[] names;
    private readonly StringArray[] keys;
    private readonly StringArray? attributeKeys;
    private readonly StringArray? attributeValues;
    private readonly FieldMatcher matcher;
    private readonly Utf8JsonWriter json;

    /// <summary>Writes rows of a batch into a buffer.</summary>
    public EventJsonWriter(StreamSchema schema, RecordBatch events, ValueBuffer target)
    {
        this.events = events;
        matcher = new FieldMatcher(schema);
        names = [.. schema.Columns.Select(column => JsonEncodedText.Encode(column.Name, JavaScriptEncoder.UnsafeRelaxedJsonEscaping))];
        keys = [.. KeyColumns.Select(schema.IndexOf).Where(index => index >= 0).Select(events.Column).OfType<StringArray>()];
        attributeKeys = Attributes?.Keys as StringArray;
        attributeValues = Attributes?.Values as StringArray;
        json = new Utf8JsonWriter(target, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });
    }

    private MapArray? Attributes => events.Column(events.ColumnCount - 1) as MapArray;

    /// <summary>What the partition is chosen by: session, else source; empty for none.</summary>
    public ReadOnlySpan<byte> KeyOf(int row)
    {
        foreach (var column in keys)
        {
            if (!column.IsNull(row))
            {
                return column.GetBytes(row);
            }
        }

        return [];
    }

    /// <summary>Writes one row.</summary>
    public void Write(int row)
    {
        json.Reset();
        json.WriteStartObject();
        for (var index = 0; index < names.Length; index++)
        {
            WriteColumn(names[index], events.Column(index), row);
        }

        WriteAttributes(row);
        json.WriteEndObject();
        json.Flush();
    }

    /// <inheritdoc/>
    public void Dispose() => json.Dispose();

    private void WriteColumn(JsonEncodedText name, IArrowArray column, int row)
    {
        if (column.IsNull(row))
        {
            return;
        }

        switch (column)
        {
            case StringArray text:
                json.WriteString(name, text.GetBytes(row));
                break;
            case TimestampArray time:
                WriteTime(name, time.Values[row]);
                break;
            case Int32Array number:
                json.WriteNumber(name, number.Values[row]);
                break;
            case Int64Array number:
                json.WriteNumber(name, number.Values[row]);
                break;
            case DoubleArray number when double.IsFinite(number.Values[row]):
                json.WriteNumber(name, number.Values[row]);
                break;
            case BooleanArray flag:
                json.WriteBoolean(name, flag.GetValue(row) == true);
                break;
            case DoubleArray:
                break;
            default:
                throw new NotSupportedException($"No stream column is of Arrow type {column.Data.DataType.Name}");
        }
    }

    // Milliseconds are written as a number, which is what producers send and what is shortest; microseconds as RFC 3339.
    private void WriteTime(JsonEncodedText name, long micros)
    {
        if (micros % 1000 == 0)
        {
            json.WriteNumber(name, micros / 1000);
            return;
        }

        Span<byte> text = stackalloc byte[40];
        var instant = DateTime.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);
        _ = Utf8Formatter.TryFormat(instant, text, out var written, new System.Buffers.StandardFormat('O'));
        json.WriteString(name, text[..written]);
    }

    private void WriteAttributes(int row)
    {
        if (Attributes is not { } attributes || attributeKeys is null || attributeValues is null || attributes.IsNull(row))
        {
            return;
        }

        var offsets = attributes.ValueOffsets;
        for (var index = offsets[row]; index < offsets[row + 1]; index++)
        {
            if (!attributeValues.IsNull(index) && matcher.Match(attributeKeys.GetBytes(index), int.MaxValue) < 0)
            {
                json.WriteString(attributeKeys.GetBytes(index), attributeValues.GetBytes(index));
            }
        }
    }
}
