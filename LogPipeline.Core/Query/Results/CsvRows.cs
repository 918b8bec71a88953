using System.Text;
using Apache.Arrow;

namespace LogPipeline.Core.Query.Results;

/// <summary>Writes rows as CSV while they come; the first line holds the names, and lines end with <c>\r\n</c>.</summary>
/// <param name="output">Takes the text.</param>
internal sealed class CsvRows(Stream output) : IResultRows
{
    private readonly StreamWriter writer = new(output, new UTF8Encoding(false), ResultWriter.FlushAt, leaveOpen: true) { NewLine = "\r\n" };
    private readonly StringBuilder line = new();
    private IReadOnlyList<QueryColumn> columns = [];

    public async ValueTask BeginAsync(IReadOnlyList<QueryColumn> columns, CancellationToken cancellationToken)
    {
        this.columns = columns;
        await writer.WriteLineAsync(string.Join(',', columns.Select(column => Quote(column.Name))).AsMemory(), cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask WriteAsync(RecordBatch batch, CancellationToken cancellationToken)
    {
        for (var row = 0; row < batch.Length; row++)
        {
            line.Clear();
            for (var column = 0; column < batch.ColumnCount; column++)
            {
                line.Append(column == 0 ? "" : ",").Append(Quote(CellValue.Text(batch.Column(column), columns[column].Type, row)));
            }

            await writer.WriteLineAsync(line, cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask CompleteAsync(CancellationToken cancellationToken) => await writer.FlushAsync(cancellationToken).ConfigureAwait(false);

    public ValueTask DisposeAsync() => writer.DisposeAsync();

    /// <summary>Null is nothing at all, so that an empty text can be told from it.</summary>
    private static string Quote(string? text) =>
        text is null ? ""
        : text.Length == 0 || text.AsSpan().IndexOfAny(",\"\r\n") >= 0 || text[0] == ' ' || text[^1] == ' ' ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
        : text;
}
