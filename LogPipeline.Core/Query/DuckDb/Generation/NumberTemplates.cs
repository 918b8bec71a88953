using LogPipeline.Core.Query.DuckDb.Functions;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.DuckDb.Generation;

/// <summary>Functions of numbers.</summary>
internal static class NumberTemplates
{
    private const string _nan = "CAST('nan' AS DOUBLE)";

    public static IReadOnlyDictionary<string, Func<CallParts, string>> All { get; } = new Dictionary<string, Func<CallParts, string>>(StringComparer.Ordinal)
    {
        ["abs"] = call => $"abs({call[0]})",
        ["sign"] = call => $"CASE WHEN isnan({call[0]}) THEN {_nan} ELSE CAST(sign({call[0]}) AS DOUBLE) END",
        ["round"] = call => TextTemplates.Plain(SparkFunctionNames.Round, call),
        ["bround"] = call => TextTemplates.Plain(SparkFunctionNames.BRound, call),
        ["round_decimal"] = call => RoundDecimal(call, false),
        ["bround_decimal"] = call => RoundDecimal(call, true),
        ["round_whole"] = call => RoundWhole(call, false),
        ["bround_whole"] = call => RoundWhole(call, true),
        ["ceil"] = call => Whole(call, "ceil"),
        ["floor"] = call => Whole(call, "floor"),
        ["ceil_decimal"] = call => call.As($"ceil({call[0]})"),
        ["floor_decimal"] = call => call.As($"floor({call[0]})"),
        ["sqrt"] = call => $"CASE WHEN {call[0]} < 0 THEN {_nan} ELSE sqrt({call[0]}) END",
        ["cbrt"] = call => $"cbrt({call[0]})",
        ["exp"] = call => $"exp({call[0]})",
        ["ln"] = call => Logarithm("ln", call),
        ["log10"] = call => Logarithm("log10", call),
        ["log2"] = call => Logarithm("log2", call),
        ["log"] = call => $"CASE WHEN {call[0]} <= 0 OR {call[1]} <= 0 THEN NULL WHEN ln({call[0]}) = 0 THEN {_nan} ELSE ln({call[1]}) / ln({call[0]}) END",
        ["sin"] = call => Angle("sin", call),
        ["cos"] = call => Angle("cos", call),
        ["tan"] = call => Angle("tan", call),
        ["atan"] = call => $"atan({call[0]})",
        ["atan2"] = call => $"atan2({call[0]}, {call[1]})",
        ["degrees"] = call => $"degrees({call[0]})",
        ["radians"] = call => $"radians({call[0]})",
        ["rint"] = call => $"{SparkFunctionNames.BRound}({call[0]}, CAST(0 AS INTEGER))",
        ["pow"] = call => $"pow({call[0]}, {call[1]})",
        ["isnan"] = call => $"coalesce(isnan({call[0]}), FALSE)",
        ["nanvl"] = call => $"CASE WHEN isnan({call[0]}) THEN {call[1]} ELSE {call[0]} END",
        ["bin"] = call => $"bin({call[0]})",
        ["conv"] = call => TextTemplates.Plain(SparkFunctionNames.Conv, call),
        ["greatest"] = call => $"greatest({string.Join(", ", call.Arguments)})",
        ["least"] = call => $"least({string.Join(", ", call.Arguments)})",
        ["width_bucket"] = WidthBucket,
    };

    private static string Logarithm(string function, CallParts call) => $"CASE WHEN {call[0]} <= 0 THEN NULL ELSE {function}({call[0]}) END";

    private static string Angle(string function, CallParts call) => $"CASE WHEN isfinite({call[0]}) THEN {function}({call[0]}) WHEN {call[0]} IS NULL THEN NULL ELSE {_nan} END";

    /// <summary>A double as the next whole number; beyond the range the nearest bigint, and 0 for NaN, as Java converts.</summary>
    private static string Whole(CallParts call, string function) =>
        $"CASE WHEN isnan({call[0]}) THEN CAST(0 AS BIGINT) WHEN {call[0]} >= 9223372036854775807 THEN CAST('9223372036854775807' AS BIGINT) WHEN {call[0]} <= -9223372036854775808 THEN CAST('-9223372036854775808' AS BIGINT) ELSE CAST({function}({call[0]}) AS BIGINT) END";

    private static string RoundDecimal(CallParts call, bool even)
    {
        var (source, places) = ((DecimalType)call.TypeOf(0), (int)call.Constant(1)!.Value);
        var result = (DecimalType)call.Call.Type;
        if (places >= source.Scale)
        {
            return call.As(call[0]);
        }

        var unscaled = DecimalText.Unscaled(call[0], source);
        var quotient = Quotient(unscaled, source.Scale - places, even);
        return places >= 0
            ? DecimalText.Scaled(quotient, result)
            : DecimalText.Scaled($"({quotient} * {SqlText.PowerOfTen(-places)})", result);
    }

    private static string RoundWhole(CallParts call, bool even)
    {
        var places = (int)call.Constant(1)!.Value;
        return call.As($"({Quotient($"CAST({call[0]} AS HUGEINT)", -places, even)} * {SqlText.PowerOfTen(-places)})");
    }

    /// <summary>A HUGEINT divided by a power of ten, rounded half up or half to even.</summary>
    private static string Quotient(string unscaled, int power, bool even)
    {
        var ten = SqlText.PowerOfTen(power);
        var up = $"{SparkFunctionNames.DivDecimal}({unscaled}, {ten})";
        return even
            ? $"CASE WHEN abs({unscaled} % {ten}) * 2 = {ten} AND {up} % 2 <> 0 THEN {unscaled} // {ten} ELSE {up} END"
            : up;
    }

    private static string WidthBucket(CallParts call)
    {
        var (value, low, high, count) = (call[0], call[1], call[2], call[3]);
        var bad = $"{count} <= 0 OR {count} = 9223372036854775807 OR isnan({value}) OR {low} = {high} OR NOT isfinite({low}) OR NOT isfinite({high})";
        return $"CASE WHEN {bad} THEN NULL WHEN {value} IS NULL OR {low} IS NULL OR {high} IS NULL OR {count} IS NULL THEN NULL"
            + $" WHEN {low} < {high} THEN CASE WHEN {value} < {low} THEN 0 WHEN {value} >= {high} THEN {count} + 1 ELSE CAST(trunc({count} * ({value} - {low}) / ({high} - {low})) AS BIGINT) + 1 END"
            + $" ELSE CASE WHEN {value} > {low} THEN 0 WHEN {value} <= {high} THEN {count} + 1 ELSE CAST(trunc({count} * ({low} - {value}) / ({low} - {high})) AS BIGINT) + 1 END END";
    }
}
