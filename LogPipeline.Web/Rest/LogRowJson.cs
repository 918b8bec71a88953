using System.Globalization;
using System.Text.Json;
using LogPipeline.Core.Live;
using LogPipeline.Core.Streams;
using LogPipeline.Core.Types;

namespace LogPipeline.Web.Rest;

/// <summary>Writes events as REST and SSE show them: the stream's columns by name, attributes, and the position.</summary>
internal sealed class LogRowJson(StreamSchema schema)
{
    private static readonly string[] PlainNumbers = [DataTypes.Integer.Name, DataTypes.Long.Name, DataTypes.Double.Name];

    public void Write(Utf8JsonWriter json, LogRow row)
    {
        json.WriteStartObject();
        json.WriteString("position", row.Position.ToString());
        json.WriteString("timestamp", Instant(row.TimestampMicros));
        Text("level", row.Level);
        Text("source", row.Source);
        Text("endpoint", row.Endpoint);
        Text("method", row.Method);
        if (row.Status is { } status)
        {
            json.WriteNumber("status", status);
        }

        if (row.ResponseTimeMs is { } responseTime)
        {
            json.WriteNumber("response_time", responseTime);
        }

        Text("message", row.Message);
        foreach (var (name, value) in row.Fields)
        {
            WriteField(json, name, value);
        }

        if (row.Attributes.Count > 0)
        {
            json.WriteStartObject("attributes");
            foreach (var (name, value) in row.Attributes)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
        }

        json.WriteString("received_at", Instant(row.ReceivedAtMicros));
        json.WriteEndObject();

        void Text(string name, string? value)
        {
            if (value is not null)
            {
                json.WriteString(name, value);
            }
        }
    }

    /// <summary>Microseconds since 1970 as RFC 3339 in UTC.</summary>
    public static string Instant(long micros) =>
        DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond).ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private void WriteField(Utf8JsonWriter json, string name, string value)
    {
        var column = schema.IndexOf(name);
        if (column >= 0 && PlainNumbers.Contains(schema.Columns[column].Type.Name)
            && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
        {
            json.WritePropertyName(name);
            json.WriteRawValue(value);
        }
        else if (column >= 0 && schema.Columns[column].Type == DataTypes.Boolean && bool.TryParse(value, out var flag))
        {
            json.WriteBoolean(name, flag);
        }
        else
        {
            json.WriteString(name, value);
        }
    }
}
