using Apache.Arrow;
using Apache.Arrow.Ipc;
using Google.Protobuf;

namespace LogPipeline.Spark.Connect;

/// <summary>Arrow batches out of the server's answers, each of which holds a complete Arrow IPC stream with its schema. Columns are not copied.</summary>
internal static class ArrowResults
{
    /// <summary>The batches of one answer; one without rows when the answer holds only a schema.</summary>
    public static IEnumerable<RecordBatch> Read(ByteString data)
    {
        using var reader = new ArrowStreamReader(data.Memory);
        var any = false;
        while (reader.ReadNextRecordBatch() is { } batch)
        {
            any = true;
            yield return batch;
        }

        if (!any)
        {
            yield return Empty(reader.Schema);
        }
    }

    private static RecordBatch Empty(Schema schema) =>
        new(schema, schema.FieldsList.Select(field => ArrowArrayFactory.BuildArray(NoRows(field.DataType))), 0);

    private static ArrayData NoRows(Apache.Arrow.Types.IArrowType type) => new(type, 0, 0, 0, [ArrowBuffer.Empty, ArrowBuffer.Empty, ArrowBuffer.Empty]);
}
