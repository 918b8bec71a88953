using LogPipeline.Core.Query.DuckDb.Functions;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.DuckDb.Generation;

/// <summary>Exact decimal arithmetic on unscaled HUGEINT values, which hold 38 digits.</summary>
internal static class DecimalText
{
    /// <summary>The digits of a decimal without its point.</summary>
    public static string Unscaled(string expression, DecimalType type)
    {
        if (type.Scale == 0)
        {
            return $"CAST({expression} AS HUGEINT)";
        }

        // A product of decimals has the digits of both factors together; DuckDB holds 38.
        return type.Precision + type.Scale + 1 <= 38
            ? $"CAST({expression} * CAST('1{new string('0', type.Scale)}' AS DECIMAL({type.Scale + 1},0)) AS HUGEINT)"
            : $"CAST(replace(CAST({expression} AS VARCHAR), '.', '') AS HUGEINT)";
    }

    /// <summary>A decimal of digits and a scale: multiplication by an unscaled 1 only moves the point.</summary>
    public static string Scaled(string unscaled, DecimalType type) => type.Scale == 0
        ? $"CAST({unscaled} AS DECIMAL({type.Precision},0))"
        : $"CAST(CAST({unscaled} AS DECIMAL(38,0)) * CAST('0.{new string('0', type.Scale - 1)}1' AS DECIMAL({type.Scale},{type.Scale})) AS DECIMAL({type.Precision},{type.Scale}))";

    /// <summary>A quotient rounded half up to the scale of the result.</summary>
    public static string Divide(string left, DecimalType leftType, string right, DecimalType rightType, DecimalType result)
    {
        var shift = result.Scale + rightType.Scale - leftType.Scale;
        if (shift < 0)
        {
            throw new QueryException(QueryException.UnsupportedClass, "0A000", "This division of wide decimals is not answered by the embedded engine; Spark answers it.");
        }

        var numerator = shift == 0 ? Unscaled(left, leftType) : $"({Unscaled(left, leftType)} * {SqlText.PowerOfTen(shift)})";
        return $"CASE WHEN {right} = 0 THEN {OperatorTemplates.ByZero(left, OperatorTemplates.DivideByZero)} ELSE {Scaled($"{SparkFunctionNames.DivDecimal}({numerator}, nullif({Unscaled(right, rightType)}, 0))", result)} END";
    }
}
