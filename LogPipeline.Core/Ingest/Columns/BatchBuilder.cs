using System.Runtime.CompilerServices;
using Apache.Arrow;
using LogPipeline.Core.Streams;

namespace LogPipeline.Core.Ingest.Columns;

/// <summary>Builds the Arrow batch of a stream row by row: set columns, then <see cref="TryCommitRow"/> or <see cref="RollbackRow"/>.</summary>
/// <remarks>Not for several threads at once. A column may be set again before its row is committed: the last value wins.</remarks>
internal sealed class BatchBuilder : IDisposable
{
    private readonly StreamSchema schema;
    private readonly ColumnBuffer[] columns;
    private readonly AttributesBuffer attributes = new();
    private readonly int rowBytes;

    // Columns that every row must have: the timestamp takes the time of receipt, others make the row invalid.
    private readonly int[] required;
    private int rows;

    public BatchBuilder(StreamSchema schema)
    {
        this.schema = schema;
        columns = [.. schema.Columns.Select(column => new ColumnBuffer(column.Name, ColumnBuffer.KindOf(column.Type)))];
        required = [.. Enumerable.Range(0, columns.Length).Where(index => schema.Columns[index].Required)];
        rowBytes = columns.Sum(column => column.Kind is ColumnKind.Text or ColumnKind.Int32 ? 4 : 8) + 4 + (columns.Length / 8);
        SourceColumn = schema.IndexOf("source");
    }

    public StreamSchema Schema => schema;

    /// <summary>Index of the column <c>source</c>, or -1.</summary>
    public int SourceColumn { get; }

    /// <summary>Rows committed.</summary>
    public int Rows => rows;

    /// <summary>Arrow bytes of the committed rows, estimated from above.</summary>
    public long EstimatedBytes { get; private set; }

    /// <summary>Time of receipt of the rows to come, microseconds since 1970.</summary>
    public long ReceivedAtMicros { get; set; }

    /// <summary>Source of rows that do not name one; empty for none.</summary>
    public byte[] DefaultSource { get; set; } = [];

    /// <summary>The column at an index of the schema; its row is <see cref="Rows"/>.</summary>
    public ColumnBuffer this[int column]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => columns[column];
    }

    public void AddAttribute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => attributes.Add(key, value);

    public void RemoveAttribute(ReadOnlySpan<byte> key) => attributes.Remove(key);

    /// <summary>Ends the current row. False, and the name, when a required column is not set; the row is then still open.</summary>
    public bool TryCommitRow(out string? missing)
    {
        missing = null;
        foreach (var index in required)
        {
            if (!columns[index].IsSet(rows))
            {
                if (columns[index].Kind != ColumnKind.Timestamp)
                {
                    missing = columns[index].Name;
                    return false;
                }

                columns[index].SetInt64(rows, ReceivedAtMicros);
            }
        }

        if (DefaultSource.Length > 0 && SourceColumn >= 0 && !columns[SourceColumn].IsSet(rows))
        {
            columns[SourceColumn].SetText(rows, DefaultSource);
        }

        attributes.CommitRow(rows);
        rows++;
        var text = (long)attributes.TextLength;
        foreach (var column in columns)
        {
            text += column.TextLength;
        }

        EstimatedBytes = text + ((long)rows * rowBytes) + (attributes.Count * 8L);
        return true;
    }

    /// <summary>Forgets the current row.</summary>
    public void RollbackRow()
    {
        foreach (var column in columns)
        {
            column.Unset(rows);
        }

        attributes.RollbackRow();
    }

    /// <summary>Hands over the committed rows and starts again empty.</summary>
    public RecordBatch Build()
    {
        List<byte[]> rented = [];
        var arrays = new IArrowArray[columns.Length + 1];
        for (var index = 0; index < columns.Length; index++)
        {
            arrays[index] = ArrowArrayFactory.BuildArray(columns[index].Build(schema.Arrow.GetFieldByIndex(index).DataType, rows, rented));
        }

        arrays[^1] = ArrowArrayFactory.BuildArray(attributes.Build(schema.Arrow.GetFieldByIndex(columns.Length).DataType, rows, rented));
        var batch = new PooledRecordBatch(schema.Arrow, arrays, rows, rented);
        rows = 0;
        EstimatedBytes = 0;
        return batch;
    }

    public void Dispose()
    {
        foreach (var column in columns)
        {
            column.Release();
        }

        attributes.Release();
        rows = 0;
    }
}
