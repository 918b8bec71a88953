using System.Globalization;
using System.Numerics;
using LogPipeline.Core.Query.DuckDb.Engine;
using LogPipeline.Core.Query.SparkSql.Plan;
using LogPipeline.Core.Query.SparkSql.Values;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.DuckDb.Generation;

/// <summary>Spells types, constants and errors in DuckDB's SQL. Instants are TIMESTAMP in UTC, intervals whole months or microseconds.</summary>
internal static class SqlText
{
    public static string Type(DataType type) => type switch
    {
        IntervalType { IsYearMonth: true } => "INTEGER",
        IntervalType => "BIGINT",
        ArrayType array => Type(array.Element) + "[]",
        MapType map => $"MAP({Type(map.Key)}, {Type(map.Value)})",
        StructType row => $"STRUCT({string.Join(", ", row.Fields.Select(field => $"{DuckDbSql.Identifier(field.Name)} {Type(field.Type)}"))})",
        _ => DuckDbSql.TypeName(type),
    };

    public static string Cast(string expression, DataType type) => $"CAST({expression} AS {Type(type)})";

    public static string Text(string text) => text.Contains('\0', StringComparison.Ordinal)
        ? throw new QueryException(QueryException.UnsupportedClass, "0A000", "A text with the character 0 is not answered by the embedded engine; Spark answers it.")
        : DuckDbSql.Literal(text);

    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Ten to a power, as a HUGEINT.</summary>
    public static string PowerOfTen(int power) => $"CAST('{BigInteger.Pow(10, power).ToString(CultureInfo.InvariantCulture)}' AS HUGEINT)";

    /// <summary>An expression that fails with one of Spark's errors.</summary>
    public static string Raise(string errorClass, string state, string message) => $"error({Text($"[{errorClass}] {message} SQLSTATE: {state}")})";

    public static string Literal(LiteralExpression literal) => literal.Value switch
    {
        null => Cast("NULL", literal.Type),
        bool flag => flag ? "TRUE" : "FALSE",
        string text => Text(text),
        byte[] bytes => $"from_hex('{Convert.ToHexString(bytes)}')",
        SparkDecimal number => Cast($"'{number}'", literal.Type),
        double number => Cast($"'{Double(number)}'", literal.Type),
        long days when literal.Type == DataTypes.Date => Year(days * SparkDates.MicrosPerDay) ? $"DATE '{SparkDates.FormatDate(days)}'" : $"CAST(DATE '1970-01-01' + CAST({Number(days)} AS INTEGER) AS DATE)",
        long micros when literal.Type == DataTypes.Timestamp || literal.Type == DataTypes.TimestampNtz => Year(micros) ? $"TIMESTAMP '{SparkDates.FormatTimestamp(micros)}'" : $"make_timestamp(CAST('{Number(micros)}' AS BIGINT))",
        long whole => Cast(whole < 0 ? $"'{Number(whole)}'" : Number(whole), literal.Type),
        _ => throw new InvalidOperationException($"A constant of {literal.Value.GetType()}."),
    };

    /// <summary>Whether the year has four digits, so that both print it alike.</summary>
    private static bool Year(long micros) => micros is >= -62_135_596_800_000_000 and <= 253_402_300_799_999_999;

    private static string Double(double number) =>
        double.IsNaN(number) ? "nan" : double.IsPositiveInfinity(number) ? "inf" : double.IsNegativeInfinity(number) ? "-inf" : number.ToString("R", CultureInfo.InvariantCulture);
}
