using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using LogPipeline.Core.Ingest.Columns;

namespace LogPipeline.Core.Ingest.Formats;

/// <summary>Words for what is wrong with a record.</summary>
internal static class Problems
{
    private const int ShownBytes = 48;

    public static string KindOf(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a text",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        JsonTokenType.Null => "null",
        _ => "nothing",
    };

    public static string Expected(ColumnKind kind) => kind switch
    {
        ColumnKind.Text => "a text",
        ColumnKind.Int32 => "a whole number of 32 bits",
        ColumnKind.Int64 => "a whole number of 64 bits",
        ColumnKind.Double => "a number",
        ColumnKind.Boolean => "true or false",
        _ => "a time as RFC 3339 with zone or as epoch milliseconds",
    };

    /// <summary>The value that a reader stands on, as in <c>the text "abc"</c>.</summary>
    public static string Found(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.String => $"the text \"{Text(reader.ValueSpan)}\"",
        JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False => Text(reader.ValueSpan),
        _ => KindOf(reader.TokenType),
    };

    /// <summary>Bytes as text, cut short.</summary>
    public static string Text(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length <= ShownBytes)
        {
            return Encoding.UTF8.GetString(bytes);
        }

        // No cut within a character: continuation bytes start with 10.
        var end = ShownBytes;
        while (end > 0 && (bytes[end] & 0xC0) == 0x80)
        {
            end--;
        }

        return Encoding.UTF8.GetString(bytes[..end]) + "…";
    }

    public static string NotUtf8(ReadOnlySpan<byte> record)
    {
        var at = 0;
        while (at < record.Length && Rune.DecodeFromUtf8(record[at..], out _, out var used) == OperationStatus.Done)
        {
            at += used;
        }

        return string.Create(CultureInfo.InvariantCulture, $"is not UTF-8: byte 0x{record[Math.Min(at, record.Length - 1)]:X2} at {at}");
    }

    public static string NotJson(JsonException exception, ReadOnlySpan<byte> record)
    {
        var line = exception.LineNumber ?? 0;
        var column = exception.BytePositionInLine ?? 0;
        var place = record;
        for (; line > 0 && place.IndexOf((byte)'\n') is >= 0 and var end; line--)
        {
            place = place[(end + 1)..];
        }

        var at = record.Length - place.Length + column;
        var message = exception.Message;
        var cut = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        message = (cut < 0 ? message : message[..cut]).TrimEnd('.');
        var hint = at < record.Length && record[(int)at] is (byte)'N' or (byte)'I' ? "; JSON has no NaN or Infinity" : "";
        return string.Create(CultureInfo.InvariantCulture, $"is not valid JSON at byte {at}: {message}{hint}");
    }

    public static bool TimeFits(long micros, long receivedAtMicros, TimeSpan ahead, out string reason)
    {
        if (micros < 0)
        {
            reason = "is before 1970";
            return false;
        }

        var most = receivedAtMicros + (ahead.Ticks / 10);
        if (micros > most)
        {
            reason = string.Create(CultureInfo.InvariantCulture, $"is more than {ahead.TotalHours:0.#} hours ahead of the clock");
            return false;
        }

        reason = "";
        return true;
    }
}
