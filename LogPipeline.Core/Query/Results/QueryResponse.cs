using System.Globalization;
using System.Text.Json;
using Apache.Arrow;

namespace LogPipeline.Core.Query.Results;

/// <summary>
/// An answer in the shape of <c>POST /api/query</c>, written while its rows come:
/// <c>{"columns":[{"name":"n","type":"bigint"}],"results":[{"n":1}],"executionTime":"1.76s","executionMs":1760,"truncated":false,"engine":"embedded","version":12}</c>.
/// Columns with equal names are numbered (<c>n</c>, <c>n_2</c>) in both lists; version is null for a statement without a table.
/// </summary>
/// <param name="output">Takes the text. It gets nothing before a mebibyte is full or the answer is whole, so that a statement that fails early is still answered with its error.</param>
public sealed class QueryResponse(Stream output) : IRowSink, IAsyncDisposable
{
    private const int HeldBack = 1 << 20;
    private readonly Utf8JsonWriter writer = new(output, JsonCells.Options);
    private IReadOnlyList<QueryColumn> columns = [];
    private IReadOnlyList<string> names = [];

    /// <inheritdoc/>
    public ValueTask BeginAsync(IReadOnlyList<QueryColumn> columns, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(columns);
        this.columns = columns;
        names = UniqueNames.Of([.. columns.Select(column => column.Name)]);
        writer.WriteStartObject();
        writer.WriteStartArray("columns");
        for (var index = 0; index < names.Count; index++)
        {
            writer.WriteStartObject();
            writer.WriteString("name", names[index]);
            writer.WriteString("type", columns[index].Type.SimpleString);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("results");
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask WriteAsync(RecordBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        for (var row = 0; row < batch.Length; row++)
        {
            JsonRows.WriteRow(writer, columns, names, batch, row);
            if (writer.BytesPending > (writer.BytesCommitted == 0 ? HeldBack : ResultWriter.FlushAt))
            {
                await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Writes what stands behind the rows.</summary>
    /// <param name="result">The answer; its rows were written before.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask CompleteAsync(QueryResult result, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(result);
        writer.WriteEndArray();
        writer.WriteString("executionTime", string.Create(CultureInfo.InvariantCulture, $"{result.Elapsed.TotalSeconds:0.00}s"));
        writer.WriteNumber("executionMs", Math.Round(result.Elapsed.TotalMilliseconds));
        writer.WriteBoolean("truncated", result.Truncated);
        writer.WriteString("engine", result.Engine);
        if (result.Versions is [var first, ..])
        {
            writer.WriteNumber("version", first.Version);
        }
        else
        {
            writer.WriteNull("version");
        }

        writer.WriteEndObject();
        await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Forgets what was not written: an answer that failed has none.</summary>
    public ValueTask DisposeAsync()
    {
        writer.Reset(Stream.Null);
        return writer.DisposeAsync();
    }
}
