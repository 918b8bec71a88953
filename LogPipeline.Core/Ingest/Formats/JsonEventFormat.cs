using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using LogPipeline.Core.Ingest.Columns;
using LogPipeline.Core.Streams;

namespace LogPipeline.Core.Ingest.Formats;

/// <summary>Reads one JSON object as an event of a stream. Sample: <c>{"timestamp":"2025-11-23T03:41:07.25Z","level":"info","endpoint":"/","status":200,"plan":"pro"}</c>.</summary>
/// <remarks>
/// Columns take JSON of their own kind only: numeric text is no number, but numbers and booleans are taken as text where a
/// text is expected. Fields without a column become attributes: text as it is, anything else as its JSON text; null is left
/// out. A name given twice keeps its last value. The first thing wrong is what is reported.
/// </remarks>
internal sealed class JsonEventFormat : ILineFormat
{
    private readonly FieldMatcher matcher;
    private readonly PlainJsonReader plain;
    private readonly ColumnKind[] kinds;
    private readonly string[] names;
    private readonly int levelColumn;
    private readonly IngestOptions options;
    private readonly JsonReaderOptions readerOptions;
    private byte[] scratch = new byte[1024];
    private byte[] nameScratch = new byte[128];

    public JsonEventFormat(StreamSchema schema, IngestOptions options)
    {
        this.options = options;
        matcher = new FieldMatcher(schema);
        kinds = [.. schema.Columns.Select(column => ColumnBuffer.KindOf(column.Type))];
        names = [.. schema.Columns.Select(column => column.Name)];
        levelColumn = schema.IndexOf("level");
        levelColumn = levelColumn >= 0 && kinds[levelColumn] == ColumnKind.Text ? levelColumn : -1;
        plain = new PlainJsonReader(schema, matcher, levelColumn, options);
        readerOptions = new JsonReaderOptions { MaxDepth = options.MaxDepth, CommentHandling = JsonCommentHandling.Disallow };
    }

    public string Name => "json";

    public bool TryRead(ReadOnlySpan<byte> record, BatchBuilder row, out RecordError error)
    {
        error = default;
        if (!Utf8.IsValid(record))
        {
            error = new RecordError(null, Problems.NotUtf8(record));
            return false;
        }

        if (plain.TryRead(record, row) && row.TryCommitRow(out _))
        {
            return true;
        }

        row.RollbackRow();
        return TryReadAny(record, row, out error);
    }

    private bool TryReadAny(ReadOnlySpan<byte> record, BatchBuilder row, out RecordError error)
    {
        error = default;
        var reader = new Utf8JsonReader(record, readerOptions);
        string? field = null;
        var column = -1;
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                error = new RecordError(null, $"an event must be a JSON object, not {Problems.KindOf(reader.TokenType)}");
                reader.Skip();
                reader.Read();
                return false;
            }

            var ordinal = 0;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                ReadOnlySpan<byte> name = reader.ValueIsEscaped ? Unescape(ref reader, ref nameScratch) : reader.ValueSpan;
                column = matcher.Match(name, ordinal++);
                if (column >= 0)
                {
                    reader.Read();
                    if (!TrySetColumn(ref reader, column, row, out var reason))
                    {
                        error = error.Reason is null ? new RecordError(names[column], reason) : error;
                    }
                }
                else if (!TrySetAttribute(ref reader, record, name, row, out var reason))
                {
                    error = error.Reason is null ? new RecordError(Problems.Text(name), reason) : error;
                }

                column = -1;
            }

            // Throws when anything but white space follows the object.
            reader.Read();
        }
        catch (JsonException exception)
        {
            field = column >= 0 ? names[column] : null;
            error = error.Reason is null ? new RecordError(field, Problems.NotJson(exception, record)) : error;
        }
        catch (InvalidOperationException)
        {
            // Utf8JsonReader says so of an escape that is half of a surrogate pair.
            error = error.Reason is null
                ? new RecordError(column >= 0 ? names[column] : null, "has an escape that is half of a surrogate pair, which is no character") : error;
        }

        if (error.Reason is null && !row.TryCommitRow(out var missing))
        {
            error = new RecordError(missing, "is required and missing");
        }

        if (error.Reason is not null)
        {
            row.RollbackRow();
            return false;
        }

        return true;
    }

    private bool TrySetColumn(ref Utf8JsonReader reader, int column, BatchBuilder row, out string reason)
    {
        var target = row[column];
        reason = "";
        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                target.Unset(row.Rows);
                return true;
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                reason = $"must be {Problems.Expected(kinds[column])}, not {Problems.KindOf(reader.TokenType)}";
                reader.Skip();
                return false;
            case JsonTokenType.String when kinds[column] == ColumnKind.Text:
                return TrySetText(ref reader, column, target, row.Rows, out reason);
            case JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False when kinds[column] == ColumnKind.Text:
                if (!FitsField(reader.ValueSpan.Length, out reason))
                {
                    return false;
                }

                target.SetText(row.Rows, reader.ValueSpan);
                return true;
        }

        return kinds[column] switch
        {
            ColumnKind.Int32 => TrySetInt32(ref reader, target, row.Rows, out reason),
            ColumnKind.Int64 => TrySetInt64(ref reader, target, row.Rows, out reason),
            ColumnKind.Double => TrySetDouble(ref reader, target, row.Rows, out reason),
            ColumnKind.Boolean => TrySetBoolean(ref reader, target, row.Rows, out reason),
            _ => TrySetTimestamp(ref reader, target, row, out reason),
        };
    }

    private bool TrySetText(ref Utf8JsonReader reader, int column, ColumnBuffer target, int row, out string reason)
    {
        var value = reader.ValueSpan;
        if (reader.ValueIsEscaped)
        {
            value = Unescape(ref reader, ref scratch);
            if (value.Contains((byte)0))
            {
                reason = "contains a NUL character";
                return false;
            }
        }

        if (!FitsField(value.Length, out reason))
        {
            return false;
        }

        if (column == levelColumn)
        {
            Levels.Set(target, row, value);
        }
        else
        {
            target.SetText(row, value);
        }

        return true;
    }

    private bool FitsField(int length, out string reason)
    {
        reason = length <= options.MaxFieldBytes
            ? "" : FormattableString.Invariant($"is {length:N0} bytes long; at most {options.MaxFieldBytes:N0} are kept");
        return reason.Length == 0;
    }

    private static bool TrySetInt32(ref Utf8JsonReader reader, ColumnBuffer target, int row, out string reason)
    {
        if (reader.TokenType == JsonTokenType.Number && Numbers.TryWhole(reader.ValueSpan, out var value) && value == (int)value)
        {
            target.SetInt32(row, (int)value);
            reason = "";
            return true;
        }

        reason = $"must be {Problems.Expected(ColumnKind.Int32)}, not {Problems.Found(ref reader)}";
        return false;
    }

    private static bool TrySetInt64(ref Utf8JsonReader reader, ColumnBuffer target, int row, out string reason)
    {
        if (reader.TokenType == JsonTokenType.Number && Numbers.TryWhole(reader.ValueSpan, out var value))
        {
            target.SetInt64(row, value);
            reason = "";
            return true;
        }

        reason = $"must be {Problems.Expected(ColumnKind.Int64)}, not {Problems.Found(ref reader)}";
        return false;
    }

    private static bool TrySetDouble(ref Utf8JsonReader reader, ColumnBuffer target, int row, out string reason)
    {
        if (reader.TokenType == JsonTokenType.Number && Numbers.TryDouble(reader.ValueSpan, out var value))
        {
            target.SetDouble(row, value);
            reason = "";
            return true;
        }

        reason = reader.TokenType == JsonTokenType.Number
            ? $"is too large for a double: {Problems.Found(ref reader)}" : $"must be {Problems.Expected(ColumnKind.Double)}, not {Problems.Found(ref reader)}";
        return false;
    }

    private static bool TrySetBoolean(ref Utf8JsonReader reader, ColumnBuffer target, int row, out string reason)
    {
        if (reader.TokenType is JsonTokenType.True or JsonTokenType.False)
        {
            target.SetBoolean(row, reader.TokenType == JsonTokenType.True);
            reason = "";
            return true;
        }

        reason = $"must be true or false, not {Problems.Found(ref reader)}";
        return false;
    }

    private bool TrySetTimestamp(ref Utf8JsonReader reader, ColumnBuffer target, BatchBuilder row, out string reason)
    {
        var text = reader.ValueIsEscaped ? Unescape(ref reader, ref scratch) : reader.ValueSpan;
        var read = reader.TokenType switch
        {
            JsonTokenType.String => Timestamps.TryRfc3339(text, out var micros) ? micros : (long?)null,
            JsonTokenType.Number => Timestamps.TryEpochMilliseconds(text, out var micros) ? micros : null,
            _ => null,
        };
        if (read is not { } value)
        {
            reason = $"must be {Problems.Expected(ColumnKind.Timestamp)}, not {Problems.Found(ref reader)}";
            return false;
        }

        if (!Problems.TimeFits(value, row.ReceivedAtMicros, options.MaxAhead, out reason))
        {
            return false;
        }

        target.SetInt64(row.Rows, value);
        return true;
    }

    private bool TrySetAttribute(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> record, scoped ReadOnlySpan<byte> name, BatchBuilder row, out string reason)
    {
        reader.Read();
        reason = "";
        if (name.IsEmpty || name.Contains((byte)0))
        {
            reader.Skip();
            reason = name.IsEmpty ? "a field has an empty name" : "a field's name contains a NUL character";
            return false;
        }

        switch (reader.TokenType)
        {
            case JsonTokenType.Null:
                row.RemoveAttribute(name);
                return true;
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                row.AddAttribute(name, record[start..(int)reader.BytesConsumed]);
                return true;
            case JsonTokenType.String when reader.ValueIsEscaped:
                var value = Unescape(ref reader, ref scratch);
                if (value.Contains((byte)0))
                {
                    reason = "contains a NUL character";
                    return false;
                }

                row.AddAttribute(name, value);
                return true;
            default:
                row.AddAttribute(name, reader.ValueSpan);
                return true;
        }
    }

    // The text is at most as long as its escaped form. A name and a value are unescaped into buffers of their own.
    private static ReadOnlySpan<byte> Unescape(scoped ref Utf8JsonReader reader, ref byte[] into)
    {
        if (into.Length < reader.ValueSpan.Length)
        {
            into = new byte[Math.Max(reader.ValueSpan.Length, into.Length * 2)];
        }

        return into.AsSpan(0, reader.CopyString(into));
    }
}
