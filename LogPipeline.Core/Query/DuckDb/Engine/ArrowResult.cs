using Apache.Arrow;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.DuckDb.Engine;

/// <summary>Gives DuckDB's batches the Arrow types of the plan, and takes them out of DuckDB's memory.</summary>
internal static class ArrowResult
{
    public static Schema SchemaOf(IReadOnlyList<QueryColumn> columns) =>
        new(columns.Select(column => new Field(column.Name, ArrowTypes.Of(column.Type), nullable: true)), null);

    public static RecordBatch Convert(RecordBatch batch, Schema schema, IReadOnlyList<QueryColumn> columns)
    {
        if (batch.ColumnCount != columns.Count)
        {
            throw new QueryException("EMBEDDED_ENGINE_FAILED", "XX000", $"The plan has {columns.Count} columns and the engine gave {batch.ColumnCount}.");
        }

        var arrays = new IArrowArray[columns.Count];
        for (var index = 0; index < arrays.Length; index++)
        {
            arrays[index] = ArrowArrayFactory.BuildArray(ArrowCast.To(batch.Column(index).Data, columns[index].Type, columns[index].Name));
        }

        return new RecordBatch(schema, arrays, batch.Length);
    }

    /// <summary>One batch that owns its memory.</summary>
    public static RecordBatch Concatenate(IReadOnlyList<RecordBatch> batches, Schema schema, int rows)
    {
        var arrays = new IArrowArray[schema.FieldsList.Count];
        for (var index = 0; index < arrays.Length; index++)
        {
            var column = index;
            arrays[index] = ArrowArrayFactory.BuildArray(ArrowCopy.Concatenate(
                schema.GetFieldByIndex(index).DataType,
                [.. batches.Select(batch => batch.Column(column).Data)]));
        }

        return new RecordBatch(schema, arrays, rows);
    }

    /// <summary>Bytes of all buffers.</summary>
    public static long SizeOf(RecordBatch batch) => batch.Arrays.Sum(array => SizeOf(array.Data));

    private static long SizeOf(ArrayData data) =>
        data.Buffers.Sum(buffer => (long)buffer.Length) + (data.Children?.Sum(SizeOf) ?? 0);
}
