using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace LogPipeline.Core.Query.Results;

/// <summary>Writes results as text. Lines end with <c>\n</c>, except those of CSV, which end with <c>\r\n</c>.</summary>
public static class ResultWriter
{
    private const int FlushAt = 64 * 1024;
    private const int MaxTableCell = 120;

    /// <summary>Writes all rows of a result as UTF-8.</summary>
    public static Task WriteAsync(QueryResult result, ResultFormat format, Stream output, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(output);
        return format switch
        {
            ResultFormat.Table => WriteTableAsync(result, output, cancellationToken),
            ResultFormat.Csv => WriteCsvAsync(result, output, cancellationToken),
            _ => WriteJsonAsync(result, format == ResultFormat.Ndjson, output, cancellationToken),
        };
    }

    /// <summary>All rows of a result as one text.</summary>
    public static async Task<string> ToStringAsync(QueryResult result, ResultFormat format, CancellationToken cancellationToken = default)
    {
        using var buffer = new MemoryStream();
        await WriteAsync(result, format, buffer, cancellationToken).ConfigureAwait(false);
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static async Task WriteJsonAsync(QueryResult result, bool lines, Stream output, CancellationToken cancellationToken)
    {
        var buffer = new ArrayBufferWriter<byte>(FlushAt * 2);
        using var writer = new Utf8JsonWriter(buffer, JsonCells.Options);
        var names = UniqueNames.Of([.. result.Columns.Select(column => column.Name)]);
        var first = true;
        Raw(lines ? "" : "[");
        foreach (var batch in result.Batches)
        {
            for (var row = 0; row < batch.Length; row++)
            {
                Raw(lines ? "" : first ? "\n" : ",\n");
                first = false;
                Row(batch, row);
                Raw(lines ? "\n" : "");
                if (buffer.WrittenCount > FlushAt)
                {
                    await FlushAsync().ConfigureAwait(false);
                }
            }
        }

        Raw(lines ? "" : first ? "]\n" : "\n]\n");
        await FlushAsync().ConfigureAwait(false);

        void Row(Apache.Arrow.RecordBatch batch, int row)
        {
            writer.Reset(buffer);
            WriteRow(writer, result, batch, names, row);
            writer.Flush();
        }

        void Raw(string text) => Encoding.UTF8.GetBytes(text, buffer);

        async Task FlushAsync()
        {
            await output.WriteAsync(buffer.WrittenMemory, cancellationToken).ConfigureAwait(false);
            buffer.ResetWrittenCount();
        }
    }

    internal static void WriteRow(Utf8JsonWriter writer, QueryResult result, Apache.Arrow.RecordBatch batch, IReadOnlyList<string> names, int row)
    {
        writer.WriteStartObject();
        for (var column = 0; column < names.Count; column++)
        {
            writer.WritePropertyName(names[column]);
            JsonCells.Write(writer, batch.Column(column), result.Columns[column].Type, row);
        }

        writer.WriteEndObject();
    }

    private static async Task WriteCsvAsync(QueryResult result, Stream output, CancellationToken cancellationToken)
    {
        var writer = new StreamWriter(output, new UTF8Encoding(false), FlushAt, leaveOpen: true) { NewLine = "\r\n" };
        await using (writer.ConfigureAwait(false))
        {
            await writer.WriteLineAsync(string.Join(',', result.Columns.Select(column => Quote(column.Name))).AsMemory(), cancellationToken).ConfigureAwait(false);
            var line = new StringBuilder();
            foreach (var batch in result.Batches)
            {
                for (var row = 0; row < batch.Length; row++)
                {
                    line.Clear();
                    for (var column = 0; column < batch.ColumnCount; column++)
                    {
                        line.Append(column == 0 ? "" : ",").Append(Quote(CellValue.Text(batch.Column(column), result.Columns[column].Type, row)));
                    }

                    await writer.WriteLineAsync(line, cancellationToken).ConfigureAwait(false);
                }
            }
        }
    }

    /// <summary>Null is nothing at all, so that an empty text can be told from it.</summary>
    private static string Quote(string? text) =>
        text is null ? ""
        : text.Length == 0 || text.AsSpan().IndexOfAny(",\"\r\n") >= 0 || text[0] == ' ' || text[^1] == ' ' ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
        : text;

    private static async Task WriteTableAsync(QueryResult result, Stream output, CancellationToken cancellationToken)
    {
        var rows = new List<string[]> { result.Columns.Select(column => Shorten(column.Name)).ToArray() };
        foreach (var batch in result.Batches)
        {
            for (var row = 0; row < batch.Length; row++)
            {
                rows.Add([.. result.Columns.Select((column, index) => Shorten(CellValue.Text(batch.Column(index), column.Type, row) ?? "NULL"))]);
            }
        }

        var widths = result.Columns.Select((_, column) => rows.Max(row => Width(row[column]))).ToArray();
        var right = result.Columns.Select(column => IsNumber(column.Type.SimpleString)).ToArray();
        var ruler = "+" + string.Concat(widths.Select(width => new string('-', width + 2) + "+"));
        var writer = new StreamWriter(output, new UTF8Encoding(false), FlushAt, leaveOpen: true) { NewLine = "\n" };
        await using (writer.ConfigureAwait(false))
        {
            await writer.WriteLineAsync(ruler.AsMemory(), cancellationToken).ConfigureAwait(false);
            for (var index = 0; index < rows.Count; index++)
            {
                var line = string.Concat(rows[index].Select((cell, column) => "| " + Pad(cell, widths[column], right[column]) + " ")) + "|";
                await writer.WriteLineAsync(line.AsMemory(), cancellationToken).ConfigureAwait(false);
                if (index == 0)
                {
                    await writer.WriteLineAsync(ruler.AsMemory(), cancellationToken).ConfigureAwait(false);
                }
            }

            await writer.WriteLineAsync(ruler.AsMemory(), cancellationToken).ConfigureAwait(false);
        }
    }

    private static bool IsNumber(string type) =>
        type is "tinyint" or "smallint" or "int" or "bigint" or "float" or "double" || type.StartsWith("decimal", StringComparison.Ordinal);

    private static string Pad(string cell, int width, bool right)
    {
        var blanks = new string(' ', Math.Max(0, width - Width(cell)));
        return right ? blanks + cell : cell + blanks;
    }

    /// <summary>Columns of a terminal: wide letters of East Asia take two, marks none.</summary>
    private static int Width(string text) => text.EnumerateRunes().Sum(static rune =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.Format ? 0
        : rune.Value is (>= 0x1100 and <= 0x115F) or (>= 0x2E80 and <= 0xA4CF) or (>= 0xAC00 and <= 0xD7A3) or (>= 0xF900 and <= 0xFAFF)
            or (>= 0xFE30 and <= 0xFE6F) or (>= 0xFF00 and <= 0xFF60) or (>= 0xFFE0 and <= 0xFFE6) or (>= 0x1F300 and <= 0x1FAFF) or (>= 0x20000 and <= 0x3FFFD) ? 2
        : 1);

    /// <summary>One line of a terminal: control characters, which could move the cursor, are shown as symbols.</summary>
    private static string Shorten(string text)
    {
        var shown = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (shown.Length >= MaxTableCell)
            {
                shown.Append('…');
                break;
            }

            shown.Append(rune.Value switch
            {
                < 0x20 => ((char)(0x2400 + rune.Value)).ToString(),
                0x7F => "\u2421",
                >= 0x80 and < 0xA0 or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) => "\uFFFD",
                _ => rune.ToString(),
            });
        }

        return shown.ToString();
    }
}
