using Apache.Arrow.Types;
using LogPipeline.Core.Types;
using ArrowSchema = Apache.Arrow.Schema;
using ArrowListType = Apache.Arrow.Types.ListType;
using ArrowMapType = Apache.Arrow.Types.MapType;
using ArrowStructType = Apache.Arrow.Types.StructType;

namespace LogPipeline.Core.Lake.Upkeep;

/// <summary>Whether files can be merged: they must hold the same columns, and exactly those of the table.</summary>
/// <remarks>INT96 timestamps of Spark come as nanoseconds without a zone, which would be written as another type: such files are left alone.</remarks>
internal static class FileShape
{
    /// <summary>Equal for files whose rows can be written to one file.</summary>
    public static string Describe(ArrowSchema schema) =>
        string.Join('\n', schema.FieldsList.Select(field => $"{field.Name} {SparkTypeOf(field.DataType)?.SimpleString} {field.IsNullable}"));

    /// <summary>Whether a file has every column of the table with its type, and no other.</summary>
    public static bool Holds(ArrowSchema schema, IReadOnlyList<StructField> columns) =>
        schema.FieldsList.Count == columns.Count
        && columns.All(column => schema.GetFieldIndex(column.Name, StringComparer.Ordinal) is >= 0 and var index
            && SparkTypeOf(schema.GetFieldByIndex(index).DataType)?.SimpleString == column.Type.SimpleString);

    private static DataType? SparkTypeOf(IArrowType type) => type switch
    {
        BooleanType => DataTypes.Boolean,
        Int8Type => DataTypes.Byte,
        Int16Type => DataTypes.Short,
        Int32Type => DataTypes.Integer,
        Int64Type => DataTypes.Long,
        FloatType => DataTypes.Float,
        DoubleType => DataTypes.Double,
        StringType => DataTypes.String,
        BinaryType => DataTypes.Binary,
        Date32Type => DataTypes.Date,
        TimestampType { Unit: TimeUnit.Microsecond, Timezone: "UTC" } => DataTypes.Timestamp,
        ArrowMapType map when SparkTypeOf(map.KeyField.DataType) is { } key && SparkTypeOf(map.ValueField.DataType) is { } value =>
            new LogPipeline.Core.Types.MapType(key, value),
        ArrowListType list when SparkTypeOf(list.ValueDataType) is { } element => new ArrayType(element),
        ArrowStructType structure when structure.Fields.All(field => SparkTypeOf(field.DataType) is not null) =>
            new LogPipeline.Core.Types.StructType([.. structure.Fields.Select(field => new StructField(field.Name, SparkTypeOf(field.DataType)!))]),
        _ => null,
    };
}
