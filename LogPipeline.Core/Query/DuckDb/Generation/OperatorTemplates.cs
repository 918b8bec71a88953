using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.DuckDb.Generation;

/// <summary>Comparison, arithmetic, bits and nulls.</summary>
internal static class OperatorTemplates
{
    public static string DivideByZero { get; } = SqlText.Raise("DIVIDE_BY_ZERO", "22012", "Division by zero. Use `try_divide` to tolerate divisor being 0 and return NULL instead. If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this error.");

    public static string RemainderByZero { get; } = SqlText.Raise("REMAINDER_BY_ZERO", "22012", "Remainder by zero. Use `try_mod` to tolerate divisor being 0 and return NULL instead. If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this error.");

    public static IReadOnlyDictionary<string, Func<CallParts, string>> All { get; } = new Dictionary<string, Func<CallParts, string>>(StringComparer.Ordinal)
    {
        ["not"] = call => $"(NOT {call[0]})",
        ["="] = call => Compare(call, "="),
        ["<>"] = call => Compare(call, "<>"),
        ["<"] = call => Order(call, "<"),
        ["<="] = call => Order(call, "<="),
        [">"] = call => Order(call, ">"),
        [">="] = call => Order(call, ">="),
        ["<=>"] = call => Compare(call, "IS NOT DISTINCT FROM"),
        ["in"] = call => $"({call[0]} IN ({string.Join(", ", call.Arguments.Skip(1))}))",
        ["isnull"] = call => $"({call[0]} IS NULL)",
        ["isnotnull"] = call => $"({call[0]} IS NOT NULL)",
        ["coalesce"] = call => $"coalesce({string.Join(", ", call.Arguments)})",
        ["+"] = call => Additive(call, "+"),
        ["-"] = call => Additive(call, "-"),
        ["*"] = call => call.Call.Type is DecimalType ? call.As($"({call[0]} * {call[1]})") : $"({call[0]} * {call[1]})",
        ["/"] = Divide,
        ["%"] = Remainder,
        ["div"] = call => $"CASE WHEN {call[1]} = 0 THEN {ByZero(call[0], DivideByZero)} ELSE {call[0]} // {call[1]} END",
        ["negative"] = call => $"(-{call[0]})",
        ["try +"] = call => Try(call, "+"),
        ["try -"] = call => Try(call, "-"),
        ["try *"] = call => Try(call, "*"),
        ["try /"] = call => $"CASE WHEN {call[1]} = 0 THEN NULL ELSE {call[0]} / {call[1]} END",
        ["pmod"] = call => $"CASE WHEN {call[1]} = 0 THEN {ByZero(call[0], RemainderByZero)} WHEN {call[1]} = -1 THEN {SqlText.Cast("0", call.Call.Type)} WHEN {call[0]} % {call[1]} < 0 THEN ({call[0]} % {call[1]} + {call[1]}) % {call[1]} ELSE {call[0]} % {call[1]} END",
        ["bit_and_op"] = call => $"({call[0]} & {call[1]})",
        ["bit_or_op"] = call => $"({call[0]} | {call[1]})",
        ["bit_xor_op"] = call => $"xor({call[0]}, {call[1]})",
        ["bit_not"] = call => $"(~{call[0]})",
        ["bit_count"] = call => call.As($"bit_count({call[0]})"),
    };

    /// <summary>A null divided by 0 is null.</summary>
    public static string ByZero(string dividend, string error) => $"CASE WHEN {dividend} IS NULL THEN NULL ELSE {error} END";

    private static string Compare(CallParts call, string symbol) => $"({call[0]} {symbol} {call[1]})";

    /// <summary>An order of arrays and structs puts nulls inside them elsewhere than Spark.</summary>
    private static string Order(CallParts call, string symbol) =>
        call.TypeOf(0) is ArrayType or StructType ? throw ExpressionWriter.Refuse($"The order of {call.TypeOf(0).SimpleString}") : Compare(call, symbol);

    private static string Additive(CallParts call, string symbol) => call.Call.Type is DecimalType
        ? call.As($"({call.As(call[0])} {symbol} {call.As(call[1])})")
        : $"({call[0]} {symbol} {call[1]})";

    private static string Divide(CallParts call) => call.Call.Type is DecimalType result
        ? DecimalText.Divide(call[0], (DecimalType)call.TypeOf(0), call[1], (DecimalType)call.TypeOf(1), result)
        : $"CASE WHEN {call[1]} = 0 THEN {ByZero(call[0], DivideByZero)} ELSE {call[0]} / {call[1]} END";

    private static string Remainder(CallParts call)
    {
        if (call.Call.Type is not DecimalType result)
        {
            var minus = call.Call.Type == DataTypes.Double || call.Call.Type == DataTypes.Float ? "" : $" WHEN {call[1]} = -1 THEN {SqlText.Cast("0", call.Call.Type)}";
            return $"CASE WHEN {call[1]} = 0 THEN {ByZero(call[0], RemainderByZero)}{minus} ELSE {call[0]} % {call[1]} END";
        }

        var (left, right) = ((DecimalType)call.TypeOf(0), (DecimalType)call.TypeOf(1));
        if (left.Precision + result.Scale - left.Scale > 38 || right.Precision + result.Scale - right.Scale > 38)
        {
            throw ExpressionWriter.Refuse("This remainder of wide decimals");
        }

        var a = Shift(call[0], left, result.Scale);
        var b = Shift(call[1], right, result.Scale);
        return $"CASE WHEN {call[1]} = 0 THEN {ByZero(call[0], RemainderByZero)} ELSE {DecimalText.Scaled($"({a} % {b})", result)} END";
    }

    private static string Shift(string expression, DecimalType type, int scale) =>
        scale == type.Scale ? DecimalText.Unscaled(expression, type) : $"({DecimalText.Unscaled(expression, type)} * {SqlText.PowerOfTen(scale - type.Scale)})";

    private static string Try(CallParts call, string symbol) =>
        $"TRY_CAST(CAST({call[0]} AS HUGEINT) {symbol} CAST({call[1]} AS HUGEINT) AS {SqlText.Type(call.Call.Type)})";
}
