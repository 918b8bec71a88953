using System.Globalization;
using System.Text;
using System.Text.Json;
using LogPipeline.Core.Live;
using LogPipeline.Web.Components.Format;

namespace LogPipeline.Web.Components.Tail;

/// <summary>Lines of the tail as a file.</summary>
internal static class TailExport
{
    /// <summary>Lines at most.</summary>
    public const int Most = 20_000;

    /// <summary>RFC 4180, with a head line; times in UTC. A text that a spreadsheet would run as a formula gets an apostrophe before it.</summary>
    public static MemoryStream Csv(IReadOnlyList<LogRow> rows, IReadOnlyList<TailColumn> columns)
    {
        var stream = new MemoryStream();
        using (var writer = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\r\n" })
        {
            writer.WriteLine(string.Join(',', columns.Select(column => column.Key == "time" ? "timestamp" : column.Key)));
            foreach (var row in rows)
            {
                writer.WriteLine(string.Join(',', columns.Select(column => Quote(Value(row, column.Key)))));
            }
        }

        stream.Position = 0;
        return stream;
    }

    /// <summary>One JSON object a line, with every field.</summary>
    public static MemoryStream JsonLines(IReadOnlyList<LogRow> rows)
    {
        var stream = new MemoryStream();
        foreach (var row in rows)
        {
            using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            {
                Write(writer, row);
            }

            stream.WriteByte((byte)'\n');
        }

        stream.Position = 0;
        return stream;
    }

    /// <summary>One event as an object, as REST gives it.</summary>
    public static void Write(Utf8JsonWriter writer, LogRow row)
    {
        writer.WriteStartObject();
        writer.WriteString("timestamp", Instant(row.TimestampMicros));
        Text("level", row.Level);
        Text("source", row.Source);
        Text("endpoint", row.Endpoint);
        Text("method", row.Method);
        if (row.Status is { } status)
        {
            writer.WriteNumber("status", status);
        }

        if (row.ResponseTimeMs is { } ms && double.IsFinite(ms))
        {
            writer.WriteNumber("response_time", ms);
        }

        foreach (var (name, value) in row.Fields)
        {
            writer.WriteString(name, value);
        }

        Text("message", row.Message);
        if (row.Attributes.Count > 0)
        {
            writer.WriteStartObject("attributes");
            foreach (var (name, value) in row.Attributes)
            {
                writer.WriteString(name, value);
            }

            writer.WriteEndObject();
        }

        writer.WriteNumber("event_partition", row.Position.Partition);
        writer.WriteNumber("event_offset", row.Position.Offset);
        writer.WriteString("received_at", Instant(row.ReceivedAtMicros));
        writer.WriteEndObject();

        void Text(string name, string? value)
        {
            if (value is not null)
            {
                writer.WriteString(name, value);
            }
        }
    }

    private static string? Value(LogRow row, string column) => column switch
    {
        "time" => Instant(row.TimestampMicros),
        "level" => row.Level,
        "status" => row.Status?.ToString(CultureInfo.InvariantCulture),
        "method" => row.Method,
        "endpoint" => row.Endpoint,
        "response_time" => row.ResponseTimeMs?.ToString("R", CultureInfo.InvariantCulture),
        "source" => row.Source,
        "message" => row.Message,
        _ => row.Fields.FirstOrDefault(field => field.Key == column).Value,
    };

    private static string Instant(long micros) => BrowserTime.FromMicros(micros).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private static string Quote(string? value)
    {
        if (string.IsNullOrEmpty(value))
        {
            return "";
        }

        var safe = value[0] is '=' or '+' or '-' or '@' or '\t' or '\r' && !double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _) ? "'" + value : value;
        return safe.AsSpan().ContainsAny(",\"\r\n") ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }
}
