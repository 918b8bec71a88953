using Apache.Arrow;
using Apache.Arrow.Types;
using LogPipeline.Core.Types;
using ArrowMapType = Apache.Arrow.Types.MapType;
using ArrowStructType = Apache.Arrow.Types.StructType;
using DecimalType = LogPipeline.Core.Types.DecimalType;
using IntervalType = LogPipeline.Core.Types.IntervalType;
using MapType = LogPipeline.Core.Types.MapType;
using StructType = LogPipeline.Core.Types.StructType;

namespace LogPipeline.Core.Query.DuckDb.Engine;

/// <summary>The Arrow type of each Spark type: those that Spark itself uses in its Arrow results.</summary>
internal static class ArrowTypes
{
    public static IArrowType Of(DataType type) => type switch
    {
        DecimalType exact => new Decimal128Type(exact.Precision, exact.Scale),
        ArrayType array => new ListType(new Field("element", Of(array.Element), nullable: true)),
        MapType map => new ArrowMapType(new Field("key", Of(map.Key), nullable: false), new Field("value", Of(map.Value), nullable: true)),
        StructType row => new ArrowStructType([.. row.Fields.Select(field => new Field(field.Name, Of(field.Type), nullable: true))]),
        IntervalType { IsYearMonth: true } => Apache.Arrow.Types.IntervalType.YearMonth,
        IntervalType => DurationType.Microsecond,
        PrimitiveType primitive => primitive.Name switch
        {
            "boolean" => BooleanType.Default,
            "tinyint" => Int8Type.Default,
            "smallint" => Int16Type.Default,
            "int" => Int32Type.Default,
            "bigint" => Int64Type.Default,
            "float" => FloatType.Default,
            "double" => DoubleType.Default,
            "string" => StringType.Default,
            "binary" => BinaryType.Default,
            "date" => Date32Type.Default,
            "timestamp" => new TimestampType(TimeUnit.Microsecond, "UTC"),
            "timestamp_ntz" => new TimestampType(TimeUnit.Microsecond, (string?)null),
            "void" => NullType.Default,
            "interval" => Apache.Arrow.Types.IntervalType.MonthDayNanosecond,
            _ => throw Unknown(type),
        },
        _ => throw Unknown(type),
    };

    private static QueryException Unknown(DataType type) =>
        new(QueryException.UnsupportedClass, "0A000", $"The embedded engine does not return values of type {type.SimpleString}.");
}
