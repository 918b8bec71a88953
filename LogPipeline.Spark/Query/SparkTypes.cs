using Apache.Arrow.Types;
using LogPipeline.Core.Query;
using LogPipeline.Core.Types;
using ProtocolType = LogPipeline.Spark.Connect.Protocol.DataType;

namespace LogPipeline.Spark.Query;

/// <summary>Types of Spark's answers as ours.</summary>
internal static class SparkTypes
{
    private static readonly string[] YearMonthFields = ["YEAR", "MONTH"];
    private static readonly string[] DayTimeFields = ["DAY", "HOUR", "MINUTE", "SECOND"];

    /// <summary>The columns of a query's schema.</summary>
    /// <exception cref="QueryException">A column has a type that cannot be shown.</exception>
    public static IReadOnlyList<QueryColumn> Columns(ProtocolType schema) =>
        [.. schema.Struct.Fields.Select(field => new QueryColumn(field.Name, Of(field.DataType, field.Name)))];

    /// <summary>The columns of a description (SHOW, DESCRIBE, EXPLAIN), which has simple types only.</summary>
    public static IReadOnlyList<QueryColumn> Columns(Apache.Arrow.Schema schema) =>
        [.. schema.FieldsList.Select(field => new QueryColumn(field.Name, Of(field.DataType, field.Name)))];

    private static DataType Of(ProtocolType type, string column) => type.KindCase switch
    {
        ProtocolType.KindOneofCase.Null => DataTypes.Null,
        ProtocolType.KindOneofCase.Boolean => DataTypes.Boolean,
        ProtocolType.KindOneofCase.Byte => DataTypes.Byte,
        ProtocolType.KindOneofCase.Short => DataTypes.Short,
        ProtocolType.KindOneofCase.Integer => DataTypes.Integer,
        ProtocolType.KindOneofCase.Long => DataTypes.Long,
        ProtocolType.KindOneofCase.Float => DataTypes.Float,
        ProtocolType.KindOneofCase.Double => DataTypes.Double,
        ProtocolType.KindOneofCase.Decimal => new Core.Types.DecimalType(type.Decimal.Precision, type.Decimal.Scale),
        ProtocolType.KindOneofCase.String or ProtocolType.KindOneofCase.Char or ProtocolType.KindOneofCase.VarChar => DataTypes.String,
        ProtocolType.KindOneofCase.Binary => DataTypes.Binary,
        ProtocolType.KindOneofCase.Date => DataTypes.Date,
        ProtocolType.KindOneofCase.Timestamp => DataTypes.Timestamp,
        ProtocolType.KindOneofCase.TimestampNtz => DataTypes.TimestampNtz,
        ProtocolType.KindOneofCase.YearMonthInterval => IntervalOf(type.YearMonthInterval, YearMonthFields),
        ProtocolType.KindOneofCase.DayTimeInterval => IntervalOf(type.DayTimeInterval, DayTimeFields),
        ProtocolType.KindOneofCase.Array => new ArrayType(Of(type.Array.ElementType, column), type.Array.ContainsNull),
        ProtocolType.KindOneofCase.Map => new Core.Types.MapType(Of(type.Map.KeyType, column), Of(type.Map.ValueType, column), type.Map.ValueContainsNull),
        ProtocolType.KindOneofCase.Struct => new Core.Types.StructType(
            [.. type.Struct.Fields.Select(field => new StructField(field.Name, Of(field.DataType, column), field.Nullable))]),
        ProtocolType.KindOneofCase.CalendarInterval => throw Unshown(column, "interval of months, days and time"),
        var other => throw Unshown(column, other.ToString().ToLowerInvariant()),
    };

    private static Core.Types.IntervalType IntervalOf(ProtocolType.Types.Interval interval, string[] fields) =>
        new(fields[interval.HasStartField ? interval.StartField : 0], fields[interval.HasEndField ? interval.EndField : fields.Length - 1]);

    private static DataType Of(IArrowType type, string column) => type.TypeId switch
    {
        ArrowTypeId.Boolean => DataTypes.Boolean,
        ArrowTypeId.Int32 => DataTypes.Integer,
        ArrowTypeId.Int64 => DataTypes.Long,
        ArrowTypeId.Double => DataTypes.Double,
        ArrowTypeId.String => DataTypes.String,
        ArrowTypeId.Timestamp => DataTypes.Timestamp,
        ArrowTypeId.List => new ArrayType(Of(((ListType)type).ValueDataType, column)),
        ArrowTypeId.Map when type is Apache.Arrow.Types.MapType map => new Core.Types.MapType(Of(map.KeyField.DataType, column), Of(map.ValueField.DataType, column)),
        ArrowTypeId.Struct => new Core.Types.StructType([.. ((Apache.Arrow.Types.StructType)type).Fields.Select(field => new StructField(field.Name, Of(field.DataType, column), field.IsNullable))]),
        ArrowTypeId.Null => DataTypes.Null,
        _ => throw Unshown(column, type.Name),
    };

    private static QueryException Unshown(string column, string type) =>
        new("UNSUPPORTED_FEATURE.RESULT_TYPE", "0A000", $"Column {column} is of type {type}, which is not shown: CAST it to STRING.");
}
