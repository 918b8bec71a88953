using System.Globalization;
using System.Text;

namespace LogPipeline.Core.Query.Results;

/// <summary>Writes results as text. Lines end with <c>\n</c>, except those of CSV, which end with <c>\r\n</c>.</summary>
public static class ResultWriter
{
    /// <summary>Bytes that are collected before they are written.</summary>
    internal const int FlushAt = 64 * 1024;

    private const int MaxTableCell = 120;

    /// <summary>Writes rows as UTF-8 while they come.</summary>
    /// <returns>Null for a table, whose widths are known behind the last row.</returns>
    public static IResultRows? Open(ResultFormat format, Stream output) => format switch
    {
        ResultFormat.Table => null,
        ResultFormat.Csv => new CsvRows(output),
        _ => new JsonRows(output, format == ResultFormat.Ndjson),
    };

    /// <summary>Writes all rows of a result as UTF-8.</summary>
    public static async Task WriteAsync(QueryResult result, ResultFormat format, Stream output, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(output);
        if (Open(format, output) is not { } rows)
        {
            await WriteTableAsync(result, output, cancellationToken).ConfigureAwait(false);
            return;
        }

        await using (rows.ConfigureAwait(false))
        {
            await rows.BeginAsync(result.Columns, cancellationToken).ConfigureAwait(false);
            foreach (var batch in result.Batches)
            {
                await rows.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
            }

            await rows.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>All rows of a result as one text.</summary>
    public static async Task<string> ToStringAsync(QueryResult result, ResultFormat format, CancellationToken cancellationToken = default)
    {
        using var buffer = new MemoryStream();
        await WriteAsync(result, format, buffer, cancellationToken).ConfigureAwait(false);
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

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
