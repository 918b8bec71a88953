using Apache.Arrow;
using Apache.Arrow.Types;

namespace LogPipeline.Core.EventLog.Embedded;

/// <summary>Brings batches that were stored under an earlier schema of their stream to the present one.</summary>
/// <remarks>Columns are matched by name and type; what the stored batch lacks is null, what the present schema lacks is left out.</remarks>
internal static class SchemaMapping
{
    public static RecordBatch Map(RecordBatch stored, Schema wanted)
    {
        var columns = new IArrowArray[wanted.FieldsList.Count];
        for (var index = 0; index < columns.Length; index++)
        {
            var field = wanted.FieldsList[index];
            var found = stored.Schema.FieldsList.ToList().FindIndex(one => one.Name == field.Name && SameType(one.DataType, field.DataType));
            columns[index] = found >= 0 ? stored.Column(found) : Nulls(field.DataType, stored.Length);
        }

        return new RecordBatch(wanted, columns, stored.Length);
    }

    public static RecordBatch Empty(Schema schema) =>
        new(schema, schema.FieldsList.Select(field => Nulls(field.DataType, 0)), 0);

    private static bool SameType(IArrowType left, IArrowType right) =>
        left.TypeId == right.TypeId
        && (left is not TimestampType one || right is not TimestampType other || one.Unit == other.Unit);

    private static IArrowArray Nulls(IArrowType type, int length)
    {
        var validity = new ArrowBuffer(new byte[(length + 7) / 8]);
        var data = type switch
        {
            MapType map => new ArrayData(
                type, length, length, 0, [validity, new ArrowBuffer(new byte[(length + 1) * 4])],
                [EmptyStruct((StructType)map.Fields[0].DataType)]),
            StringType => new ArrayData(type, length, length, 0, [validity, new ArrowBuffer(new byte[(length + 1) * 4]), ArrowBuffer.Empty]),
            BooleanType => new ArrayData(type, length, length, 0, [validity, new ArrowBuffer(new byte[(length + 7) / 8])]),
            FixedWidthType fixedWidth => new ArrayData(type, length, length, 0, [validity, new ArrowBuffer(new byte[length * fixedWidth.BitWidth / 8])]),
            _ => throw new NotSupportedException($"No stream column is of Arrow type {type.Name}"),
        };
        return ArrowArrayFactory.BuildArray(data);
    }

    private static ArrayData EmptyStruct(StructType type) =>
        new(type, 0, 0, 0, [ArrowBuffer.Empty], [.. type.Fields.Select(field => Nulls(field.DataType, 0).Data)]);
}
