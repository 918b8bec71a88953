using System.Globalization;
using LogPipeline.Spark.Connect.Protocol;

namespace LogPipeline.Spark.Connect;

/// <summary>The columns of a data frame.</summary>
/// <param name="Fields">The columns, in order.</param>
public sealed record StructType(IReadOnlyList<StructField> Fields)
{
    /// <summary>The columns as DDL: what <see cref="DataFrameReader.Schema"/> takes.</summary>
    public string ToDdl() => string.Join(", ", Fields.Select(field => $"{Quote(field.Name)} {field.DataType}{(field.Nullable ? "" : " NOT NULL")}"));

    internal static StructType Of(DataType type) => new(
        [.. type.Struct.Fields.Select(field => new StructField(field.Name, NameOf(field.DataType), field.Nullable))]);

    // The names are those of Spark's own DDL, as DESCRIBE prints them.
    private static string NameOf(DataType type) => type.KindCase switch
    {
        DataType.KindOneofCase.Null => "void",
        DataType.KindOneofCase.Byte => "tinyint",
        DataType.KindOneofCase.Short => "smallint",
        DataType.KindOneofCase.Integer => "int",
        DataType.KindOneofCase.Long => "bigint",
        DataType.KindOneofCase.Decimal => string.Create(CultureInfo.InvariantCulture, $"decimal({type.Decimal.Precision},{type.Decimal.Scale})"),
        DataType.KindOneofCase.String => type.String.Collation is "" or "UTF8_BINARY" ? "string" : $"string collate {type.String.Collation}",
        DataType.KindOneofCase.Char => string.Create(CultureInfo.InvariantCulture, $"char({type.Char.Length})"),
        DataType.KindOneofCase.VarChar => string.Create(CultureInfo.InvariantCulture, $"varchar({type.VarChar.Length})"),
        DataType.KindOneofCase.TimestampNtz => "timestamp_ntz",
        DataType.KindOneofCase.CalendarInterval => "interval",
        DataType.KindOneofCase.YearMonthInterval => IntervalOf(type.YearMonthInterval, ["year", "month"]),
        DataType.KindOneofCase.DayTimeInterval => IntervalOf(type.DayTimeInterval, ["day", "hour", "minute", "second"]),
        DataType.KindOneofCase.Array => $"array<{NameOf(type.Array.ElementType)}>",
        DataType.KindOneofCase.Map => $"map<{NameOf(type.Map.KeyType)},{NameOf(type.Map.ValueType)}>",
        DataType.KindOneofCase.Struct => $"struct<{string.Join(',', type.Struct.Fields.Select(field => $"{Quote(field.Name)}:{NameOf(field.DataType)}"))}>",
        DataType.KindOneofCase.Udt => NameOf(type.Udt.SqlType),
        DataType.KindOneofCase.Unparsed => type.Unparsed.DataTypeString,
        DataType.KindOneofCase.Geometry => string.Create(CultureInfo.InvariantCulture, $"geometry({type.Geometry.Srid})"),
        DataType.KindOneofCase.Geography => string.Create(CultureInfo.InvariantCulture, $"geography({type.Geography.Srid})"),
        DataType.KindOneofCase.Time => string.Create(CultureInfo.InvariantCulture, $"time({(type.Time.HasPrecision ? type.Time.Precision : 6)})"),
        _ => type.KindCase.ToString().ToLowerInvariant(),
    };

    private static string IntervalOf(DataType.Types.Interval interval, string[] units)
    {
        var start = units[interval.HasStartField ? interval.StartField : 0];
        var end = units[interval.HasEndField ? interval.EndField : units.Length - 1];
        return start == end ? $"interval {start}" : $"interval {start} to {end}";
    }

    private static string Quote(string name) =>
        name.Length > 0 && name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == '_') && !char.IsAsciiDigit(name[0])
            ? name
            : $"`{name.Replace("`", "``", StringComparison.Ordinal)}`";
}

/// <summary>A column.</summary>
/// <param name="Name">Its name.</param>
/// <param name="DataType">Its type in Spark's DDL, such as <c>decimal(10,2)</c> or <c>array&lt;string&gt;</c>.</param>
/// <param name="Nullable">Whether it can be null.</param>
public sealed record StructField(string Name, string DataType, bool Nullable);
