using LogPipeline.Core.Query.DuckDb.Functions;
using LogPipeline.Core.Query.SparkSql.Plan;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.DuckDb.Generation;

/// <summary>Writes aggregate functions, over groups or over a window.</summary>
internal sealed class AggregateWriter(ExpressionWriter expressions, RelationWriter relations)
{
    private static readonly string _overflow = SqlText.Raise("ARITHMETIC_OVERFLOW", "22003", "long overflow. Use 'try_sum' to tolerate overflow and return NULL instead. If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this error.");

    /// <summary>The aggregate with Spark's meaning.</summary>
    /// <param name="aggregate">The function.</param>
    /// <param name="over">What follows each function: nothing, or <c>OVER (…)</c>.</param>
    public string Write(AggregateExpression aggregate, string over)
    {
        var arguments = aggregate.Arguments.Select(expressions.Write).ToArray();
        var distinct = aggregate.Distinct ? "DISTINCT " : "";
        string Apply(string function, string? condition = null)
        {
            var conditions = new[] { aggregate.Filter is null ? null : expressions.Filter(aggregate.Filter), condition }.Where(one => one is not null).ToList();
            return $"{function}{(conditions.Count == 0 ? "" : $" FILTER (WHERE {string.Join(" AND ", conditions)})")}{over}";
        }

        var x = arguments.Length > 0 ? arguments[0] : "";
        _ = relations;
        return aggregate.Function switch
        {
            "count" => Count(aggregate, arguments, Apply),
            "count_if" => Apply("count(*)", x),
            "sum" => Sum(aggregate, Apply($"sum({distinct}{x})"), Apply($"sum({distinct}greatest({x}, 0))")),
            "try_sum" when aggregate.Type == DataTypes.Long && aggregate.Arguments[0].Type == DataTypes.Long => TrySum(Apply($"sum({x})"), Apply($"sum(greatest({x}, 0))")),
            "try_sum" when aggregate.Type == DataTypes.Long => $"TRY_CAST({Apply($"sum({x})")} AS BIGINT)",
            "try_sum" => Apply($"sum({x})"),
            "avg" => Average(aggregate, Apply($"avg({distinct}{x})"), Apply($"sum({distinct}{x})"), Apply($"count({distinct}{x})")),
            "min" or "max" => Apply($"{aggregate.Function}({x})"),
            "min_by" => Apply($"arg_min_null({x}, {arguments[1]})"),
            "max_by" => Apply($"arg_max_null({x}, {arguments[1]})"),
            "bool_and" or "bool_or" => Apply($"{aggregate.Function}({x})"),
            "stddev_samp" or "stddev_pop" or "var_samp" or "var_pop" => Deviation(aggregate.Function, x, Apply),
            "percentile" => SqlText.Cast(Apply($"quantile_cont({x}, {arguments[1]})"), DataTypes.Double),
            "percentile_approx" => $"CASE WHEN {Apply($"count({x})")} > 10000 THEN {SqlText.Raise(QueryException.UnsupportedClass, "0A000", "percentile_approx of more than 10000 values is not answered by the embedded engine, because Spark estimates it; use percentile.")} ELSE {SqlText.Cast(Apply($"quantile_disc({x}, {arguments[1]})"), aggregate.Type)} END",
            "collect_list" => $"coalesce({Apply($"list({distinct}{x})", $"{x} IS NOT NULL")}, CAST([] AS {SqlText.Type(aggregate.Type)}))",
            "collect_set" => $"coalesce({Apply($"list(DISTINCT {x})", $"{x} IS NOT NULL")}, CAST([] AS {SqlText.Type(aggregate.Type)}))",
            "first" => Apply($"{(over.Length > 0 ? "first_value" : "first")}({x})"),
            "last" => Apply($"{(over.Length > 0 ? "last_value" : "last")}({x})"),
            "any_value" => Apply($"first({x})"),
            "first ignore nulls" when over.Length > 0 => Apply($"first_value({x} IGNORE NULLS)"),
            "last ignore nulls" when over.Length > 0 => Apply($"last_value({x} IGNORE NULLS)"),
            "first ignore nulls" or "any_value ignore nulls" => Apply($"first({x})", $"{x} IS NOT NULL"),
            "last ignore nulls" => Apply($"last({x})", $"{x} IS NOT NULL"),
            _ => throw ExpressionWriter.Refuse($"The function {aggregate.Function}"),
        };
    }

    private static string Count(AggregateExpression aggregate, string[] arguments, Func<string, string?, string> apply)
    {
        if (!aggregate.Distinct)
        {
            var nullable = arguments.Where((_, index) => aggregate.Arguments[index] is not LiteralExpression { Value: not null }).Select(argument => $"{argument} IS NOT NULL").ToList();
            return nullable.Count == 1 && arguments.Length == 1 ? apply($"count({arguments[0]})", null) : apply("count(*)", nullable.Count == 0 ? null : string.Join(" AND ", nullable));
        }

        return arguments.Length == 1
            ? apply($"count(DISTINCT {arguments[0]})", null)
            : apply($"count(DISTINCT ({string.Join(", ", arguments)}))", string.Join(" AND ", arguments.Select(argument => $"{argument} IS NOT NULL")));
    }

    /// <summary>
    /// DuckDB sums whole numbers in 128 bits. A total beyond 64 bits overflows in Spark in any order of rows; one within them
    /// never does when the positive numbers alone and the negative ones alone fit too. Else it depends on the order of rows.
    /// </summary>
    private static string Sum(AggregateExpression aggregate, string sum, string positive) => aggregate.Type switch
    {
        PrimitiveType when aggregate.Type == DataTypes.Long && aggregate.Arguments[0].Type == DataTypes.Long => $"CASE WHEN {sum} IS NULL THEN NULL WHEN TRY_CAST({sum} AS BIGINT) IS NULL THEN {_overflow} WHEN TRY_CAST({positive} AS BIGINT) IS NULL OR TRY_CAST({sum} - {positive} AS BIGINT) IS NULL THEN {SqlText.Raise(QueryException.UnsupportedClass, "0A000", "A sum that overflows or not by the order of rows is not answered by the embedded engine; Spark answers it.")} ELSE CAST({sum} AS BIGINT) END",
        PrimitiveType when aggregate.Type == DataTypes.Long => $"CASE WHEN {sum} IS NULL THEN NULL WHEN TRY_CAST({sum} AS BIGINT) IS NULL THEN {_overflow} ELSE CAST({sum} AS BIGINT) END",
        DecimalType => SqlText.Cast(sum, aggregate.Type),
        _ => sum,
    };

    private static string TrySum(string sum, string positive) =>
        $"CASE WHEN TRY_CAST({sum} AS BIGINT) IS NULL THEN NULL WHEN TRY_CAST({positive} AS BIGINT) IS NULL OR TRY_CAST({sum} - {positive} AS BIGINT) IS NULL THEN {SqlText.Raise(QueryException.UnsupportedClass, "0A000", "A sum that overflows or not by the order of rows is not answered by the embedded engine; Spark answers it.")} ELSE CAST({sum} AS BIGINT) END";

    /// <summary>The mean of a decimal is its exact sum divided by the count, rounded half up.</summary>
    private static string Average(AggregateExpression aggregate, string average, string sum, string count)
    {
        if (aggregate.Type is not DecimalType result)
        {
            return average;
        }

        var source = (DecimalType)aggregate.Arguments[0].Type;
        var numerator = $"({DecimalText.Unscaled(sum, new DecimalType(38, source.Scale))} * {SqlText.PowerOfTen(result.Scale - source.Scale)})";
        return DecimalText.Scaled($"{SparkFunctionNames.DivDecimal}({numerator}, CAST(nullif({count}, 0) AS HUGEINT))", result);
    }

    /// <summary>DuckDB fails on NaN and infinities where Spark gives NaN.</summary>
    private static string Deviation(string function, string x, Func<string, string?, string> apply)
    {
        var least = function.EndsWith("samp", StringComparison.Ordinal) ? 1 : 0;
        return $"CASE WHEN {apply("count(*)", $"NOT isfinite({x})")} > 0 AND {apply($"count({x})", null)} > {least} THEN CAST('nan' AS DOUBLE) ELSE {apply($"{function}({x})", $"isfinite({x})")} END";
    }
}
