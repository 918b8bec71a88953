using System.Buffers;
using System.Text;
using System.Text.Json;
using Apache.Arrow;

namespace LogPipeline.Core.Query.Results;

/// <summary>Writes rows as JSON objects while they come: an array of them, or one a line.</summary>
/// <param name="output">Takes the text.</param>
/// <param name="lines">One a line, without an array.</param>
internal sealed class JsonRows(Stream output, bool lines) : IResultRows
{
    private readonly ArrayBufferWriter<byte> buffer = new(ResultWriter.FlushAt * 2);
    private IReadOnlyList<QueryColumn> columns = [];
    private IReadOnlyList<string> names = [];
    private Utf8JsonWriter? writer;
    private bool hasRows;

    public ValueTask BeginAsync(IReadOnlyList<QueryColumn> columns, CancellationToken cancellationToken)
    {
        this.columns = columns;
        names = UniqueNames.Of([.. columns.Select(column => column.Name)]);
        Raw(lines ? "" : "[");
        return ValueTask.CompletedTask;
    }

    public async ValueTask WriteAsync(RecordBatch batch, CancellationToken cancellationToken)
    {
        for (var row = 0; row < batch.Length; row++)
        {
            Raw(lines ? "" : hasRows ? ",\n" : "\n");
            hasRows = true;
            Row(batch, row);
            Raw(lines ? "\n" : "");
            if (buffer.WrittenCount > ResultWriter.FlushAt)
            {
                await FlushAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    public async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        Raw(lines ? "" : hasRows ? "\n]\n" : "]\n");
        await FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => writer?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>Writes one row as an object.</summary>
    public static void WriteRow(Utf8JsonWriter writer, IReadOnlyList<QueryColumn> columns, IReadOnlyList<string> names, RecordBatch batch, int row)
    {
        writer.WriteStartObject();
        for (var column = 0; column < names.Count; column++)
        {
            writer.WritePropertyName(names[column]);
            JsonCells.Write(writer, batch.Column(column), columns[column].Type, row);
        }

        writer.WriteEndObject();
    }

    private void Row(RecordBatch batch, int row)
    {
        writer ??= new Utf8JsonWriter(buffer, JsonCells.Options);
        writer.Reset(buffer);
        WriteRow(writer, columns, names, batch, row);
        writer.Flush();
    }

    private void Raw(string text) => Encoding.UTF8.GetBytes(text, buffer);

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        await output.WriteAsync(buffer.WrittenMemory, cancellationToken).ConfigureAwait(false);
        buffer.ResetWrittenCount();
    }
}
