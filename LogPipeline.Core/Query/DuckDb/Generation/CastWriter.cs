using LogPipeline.Core.Query.DuckDb.Functions;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.DuckDb.Generation;

/// <summary>Writes Spark's ANSI casts. What is not known to mean the same is refused.</summary>
internal static class CastWriter
{
    public static string Write(string x, DataType from, DataType to, bool isTry)
    {
        if (from == DataTypes.Null)
        {
            return SqlText.Cast("NULL", to);
        }

        if (from == DataTypes.String)
        {
            return FromText(x, to, isTry);
        }

        if (to == DataTypes.String)
        {
            return ToText(x, from);
        }

        if (from is DecimalType || Whole(from) || Real(from) || from == DataTypes.Boolean)
        {
            return FromNumber(x, from, to, isTry);
        }

        return (from, to) switch
        {
            (IntervalType a, IntervalType b) when a.IsYearMonth == b.IsYearMonth && b is { From: "DAY" or "YEAR", To: "SECOND" or "MONTH" } => x,
            (IntervalType { From: "DAY", To: "DAY" }, _) when Whole(to) => SqlText.Cast($"({x} // 86400000000)", to),
            (IntervalType { From: "MINUTE", To: "MINUTE" }, _) when Whole(to) => SqlText.Cast($"({x} // 60000000)", to),
            (IntervalType { From: "HOUR", To: "HOUR" }, _) when Whole(to) => SqlText.Cast($"({x} // 3600000000)", to),
            (PrimitiveType, _) when from == DataTypes.Date && (to == DataTypes.Timestamp || to == DataTypes.TimestampNtz) => $"CAST({x} AS TIMESTAMP)",
            (PrimitiveType, _) when Instant(from) && Instant(to) => x,
            (PrimitiveType, _) when Instant(from) && to == DataTypes.Date => $"CAST({x} AS DATE)",
            (PrimitiveType, _) when from == DataTypes.Timestamp && to == DataTypes.Long => FloorDivide($"epoch_us({x})", 1_000_000),
            (PrimitiveType, _) when from == DataTypes.Timestamp && to == DataTypes.Double => $"(CAST(epoch_us({x}) AS DOUBLE) / 1000000)",
            (ArrayType a, ArrayType b) => $"list_transform({x}, lambda e: {Write("e", a.Element, b.Element, isTry)})",
            _ => throw Refuse(from, to),
        };
    }

    /// <summary>
    /// A C# function that fails is only called for rows for which its lenient twin gave null. DuckDB may call functions for
    /// every entry of a column's dictionary, also for rows that a filter took away: such a call must not fail.
    /// </summary>
    public static string Checked(string lenient, string strict, string x, string more, bool isTry) => isTry
        ? $"{lenient}({x}{more})"
        : $"coalesce({lenient}({x}{more}), CASE WHEN {x} IS NOT NULL THEN {strict}({x}{more}) END)";

    /// <summary>Division that rounds down.</summary>
    public static string FloorDivide(string x, long unit) => $"(({x} // {SqlText.Number(unit)}) - CASE WHEN {x} % {SqlText.Number(unit)} < 0 THEN 1 ELSE 0 END)";

    private static bool Whole(DataType type) => type == DataTypes.Byte || type == DataTypes.Short || type == DataTypes.Integer || type == DataTypes.Long;

    private static bool Real(DataType type) => type == DataTypes.Float || type == DataTypes.Double;

    private static bool Instant(DataType type) => type == DataTypes.Timestamp || type == DataTypes.TimestampNtz;

    private static string FromText(string x, DataType to, bool isTry)
    {
        if (to is DecimalType exact)
        {
            return SqlText.Cast(Checked(SparkFunctionNames.TryCastDecimal, SparkFunctionNames.CastDecimal, x, $", {exact.Precision}, {exact.Scale}", isTry), to);
        }

        if (to == DataTypes.Binary)
        {
            return $"encode({x})";
        }

        var (strict, lenient) = to is PrimitiveType primitive ? primitive.Name switch
        {
            "tinyint" => (SparkFunctionNames.CastTinyint, SparkFunctionNames.TryCastTinyint),
            "smallint" => (SparkFunctionNames.CastSmallint, SparkFunctionNames.TryCastSmallint),
            "int" => (SparkFunctionNames.CastInt, SparkFunctionNames.TryCastInt),
            "bigint" => (SparkFunctionNames.CastBigint, SparkFunctionNames.TryCastBigint),
            "float" => (SparkFunctionNames.CastFloat, SparkFunctionNames.TryCastFloat),
            "double" => (SparkFunctionNames.CastDouble, SparkFunctionNames.TryCastDouble),
            "boolean" => (SparkFunctionNames.CastBoolean, SparkFunctionNames.TryCastBoolean),
            "date" => (SparkFunctionNames.CastDate, SparkFunctionNames.TryCastDate),
            "timestamp" => (SparkFunctionNames.CastTimestamp, SparkFunctionNames.TryCastTimestamp),
            _ => throw Refuse(DataTypes.String, to),
        } : throw Refuse(DataTypes.String, to);
        var call = Checked(lenient, strict, x, "", isTry);
        return to == DataTypes.Date ? $"CAST(DATE '1970-01-01' + {call} AS DATE)" : to == DataTypes.Timestamp ? $"make_timestamp({call})" : call;
    }

    private static string ToText(string x, DataType from)
    {
        if (from == DataTypes.Double)
        {
            return $"{SparkFunctionNames.DoubleToString}({x})";
        }

        if (from == DataTypes.Float)
        {
            return $"{SparkFunctionNames.FloatToString}({x})";
        }

        if (from == DataTypes.Date || Instant(from))
        {
            // Both print years of four digits alike, others each in its own way.
            return $"CASE WHEN {x} IS NULL THEN NULL WHEN year({x}) BETWEEN 1 AND 9999 THEN CAST({x} AS VARCHAR) ELSE {SqlText.Raise(QueryException.UnsupportedClass, "0A000", "The text of a year outside 1 to 9999 is not answered by the embedded engine; Spark answers it.")} END";
        }

        if (Whole(from) || from is DecimalType || from == DataTypes.Boolean)
        {
            return $"CAST({x} AS VARCHAR)";
        }

        throw Refuse(from, DataTypes.String);
    }

    private static string FromNumber(string x, DataType from, DataType to, bool isTry)
    {
        if (to == DataTypes.Boolean)
        {
            return $"({x} <> 0)";
        }

        if (to == DataTypes.Timestamp && Whole(from))
        {
            return $"make_timestamp(CAST({x} AS BIGINT) * 1000000)";
        }

        if (to == DataTypes.Double || to == DataTypes.Float)
        {
            return SqlText.Cast(x, to);
        }

        if (Whole(to))
        {
            var range = $"[CAST_OVERFLOW] The value ' || CAST({x} AS VARCHAR) || ' of the type \"{Name(from)}\" cannot be cast to \"{Name(to)}\" due to an overflow. Use `try_cast` to tolerate overflow and return NULL instead. SQLSTATE: 22003";
            var whole = Whole(from) || from == DataTypes.Boolean ? x : $"trunc({x})";
            if (from == DataTypes.Boolean || (Whole(from) && Rank(from) <= Rank(to)))
            {
                return SqlText.Cast(x, to);
            }

            var lenient = $"TRY_CAST({whole} AS {SqlText.Type(to)})";
            return isTry ? lenient : $"CASE WHEN {x} IS NULL THEN NULL WHEN {lenient} IS NULL THEN error('{range}') ELSE {lenient} END";
        }

        if (to is DecimalType exact)
        {
            if (Real(from))
            {
                return SqlText.Cast(Checked(SparkFunctionNames.TryCastDecimal, SparkFunctionNames.CastDecimal, ToText(x, from), $", {exact.Precision}, {exact.Scale}", isTry), to);
            }

            var source = from == DataTypes.Boolean ? SqlText.Cast(x, DataTypes.Integer) : x;
            var widens = from is DecimalType old ? old.Scale <= exact.Scale && old.Precision - old.Scale <= exact.Precision - exact.Scale : Digits(from) <= exact.Precision - exact.Scale;
            var message = $"[NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION] ' || CAST({x} AS VARCHAR) || ' cannot be represented as Decimal({exact.Precision}, {exact.Scale}). If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this error, and return NULL instead. SQLSTATE: 22003";
            var lenient = $"TRY_CAST({source} AS {SqlText.Type(to)})";
            return widens ? SqlText.Cast(source, to) : isTry ? lenient : $"CASE WHEN {x} IS NULL THEN NULL WHEN {lenient} IS NULL THEN error('{message}') ELSE {lenient} END";
        }

        throw Refuse(from, to);
    }

    private static int Rank(DataType type) => type == DataTypes.Byte ? 1 : type == DataTypes.Short ? 2 : type == DataTypes.Integer ? 3 : 4;

    private static int Digits(DataType type) => type == DataTypes.Boolean ? 1 : type == DataTypes.Byte ? 3 : type == DataTypes.Short ? 5 : type == DataTypes.Integer ? 10 : 19;

    private static string Name(DataType type) => type.SimpleString.ToUpperInvariant();

    private static QueryException Refuse(DataType from, DataType to) =>
        new(QueryException.UnsupportedClass, "0A000", $"A cast from {from.SimpleString} to {to.SimpleString} is not answered by the embedded engine; Spark answers it.");
}
