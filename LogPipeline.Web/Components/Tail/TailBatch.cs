using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Live;

namespace LogPipeline.Web.Components.Tail;

/// <summary>Rows on their way to a browser, oldest first, and what is missing before them.</summary>
/// <remarks>
/// Written by hand, an array a row: <c>["0:1204331",1795444927412.5,"INFO",200,"GET","/api/cart",24,"checkout","cart updated",[5,7]]</c>:
/// position, milliseconds since 1970, level, status, method, endpoint, response time, source, message, marked spans of the message
/// (begin and length, in UTF-16 units), and an object with the further columns that the page shows.
/// </remarks>
[JsonConverter(typeof(TailBatchWriter))]
public sealed record TailBatch(IReadOnlyList<LogRow> Rows, IReadOnlyList<TailNote> Notes, Func<string, IReadOnlyList<int>?>? Marks, IReadOnlyList<string> Extra)
{
    /// <summary>Nothing.</summary>
    public static TailBatch Empty { get; } = new([], [], null, []);
}

/// <summary>A line of the list that is not an event.</summary>
/// <param name="Text">What it says.</param>
/// <param name="Link">Where what is missing can be seen, or null.</param>
/// <param name="LinkText">Text of the link.</param>
public sealed record TailNote(string Text, string? Link = null, string? LinkText = null);

internal sealed class TailBatchWriter : JsonConverter<TailBatch>
{
    // A browser shows a line; the whole text is in the row's detail.
    private const int LongestText = 2000;

    public override TailBatch Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

    public override void Write(Utf8JsonWriter writer, TailBatch value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        if (value.Notes.Count > 0)
        {
            writer.WriteStartArray("notes"u8);
            foreach (var note in value.Notes)
            {
                writer.WriteStartObject();
                writer.WriteString("text"u8, note.Text);
                if (note.Link is not null)
                {
                    writer.WriteString("link"u8, note.Link);
                    writer.WriteString("linkText"u8, note.LinkText);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        writer.WriteStartArray("rows"u8);
        foreach (var row in value.Rows)
        {
            Write(writer, row, value);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, LogRow row, TailBatch batch)
    {
        writer.WriteStartArray();
        writer.WriteStringValue(Key(row.Position));
        writer.WriteNumberValue(row.TimestampMicros / 1000);
        Text(writer, row.Level);
        if (row.Status is { } status)
        {
            writer.WriteNumberValue(status);
        }
        else
        {
            writer.WriteNullValue();
        }

        Text(writer, row.Method);
        Text(writer, row.Endpoint);
        if (row.ResponseTimeMs is { } ms && double.IsFinite(ms))
        {
            writer.WriteNumberValue(Math.Round(ms, 1));
        }
        else
        {
            writer.WriteNullValue();
        }

        Text(writer, row.Source);
        Text(writer, row.Message);
        var spans = row.Message is { Length: > 0 } message ? batch.Marks?.Invoke(message.Length > LongestText ? message[..LongestText] : message) : null;
        if (spans is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            writer.WriteStartArray();
            foreach (var number in spans)
            {
                writer.WriteNumberValue(number);
            }

            writer.WriteEndArray();
        }

        if (batch.Extra.Count > 0)
        {
            writer.WriteStartObject();
            foreach (var field in batch.Extra)
            {
                if (Find(row, field) is { } found)
                {
                    writer.WritePropertyName(field);
                    Text(writer, found);
                }
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static string Key(EventPosition position) => string.Create(CultureInfo.InvariantCulture, $"{position.Partition}:{position.Offset}");

    private static string? Find(LogRow row, string field)
    {
        foreach (var (name, value) in row.Fields)
        {
            if (name == field)
            {
                return value;
            }
        }

        return null;
    }

    private static void Text(Utf8JsonWriter writer, string? text)
    {
        if (text is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            writer.WriteStringValue(text.Length > LongestText ? text.AsSpan(0, LongestText) : text);
        }
    }
}
