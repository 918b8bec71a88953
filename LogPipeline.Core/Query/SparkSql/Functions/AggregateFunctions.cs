using LogPipeline.Core.Query.SparkSql.Analysis;
using LogPipeline.Core.Query.SparkSql.Plan;
using LogPipeline.Core.Types;
using static LogPipeline.Core.Query.SparkSql.Functions.FunctionKind;

namespace LogPipeline.Core.Query.SparkSql.Functions;

/// <summary>Functions over the rows of a group.</summary>
internal static class AggregateFunctions
{
    public static IReadOnlyList<FunctionDefinition> All { get; } =
    [
        new("count", Aggregate, 1, int.MaxValue, "count(*) | count([DISTINCT] a, …)", "Rows, or rows in which no argument is null.", call => call.Aggregate("count", DataTypes.Long, [.. call.Arguments])),
        new("count_if", Aggregate, 1, 1, "count_if(condition)", "Rows for which the condition holds.", call => call.Aggregate("count_if", DataTypes.Long, call.Want(0, DataTypes.Boolean))),
        new("sum", Aggregate, 1, 1, "sum(number)", "Sum; an overflow is an error.", call => Sum(call, "sum")),
        new("try_sum", Aggregate, 1, 1, "try_sum(number)", "Sum; null when it overflows.", call => Coercion.IsIntegral(call[0].Type) || call[0].Type == DataTypes.Double ? Sum(call, "try_sum") : throw call.Refuse("try_sum of this type")),
        new("avg", Aggregate, 1, 1, "avg(number)", "Mean.", Average) { Aliases = ["mean"] },
        new("min", Aggregate, 1, 1, "min(a)", "Least value.", call => call.Aggregate("min", Ordered(call, 0).Type, call[0])),
        new("max", Aggregate, 1, 1, "max(a)", "Greatest value; NaN is greatest.", call => call.Aggregate("max", Ordered(call, 0).Type, call[0])),
        new("min_by", Aggregate, 2, 2, "min_by(a, order)", "a of the row with the least order.", call => call.Aggregate("min_by", call[0].Type, call[0], Ordered(call, 1))),
        new("max_by", Aggregate, 2, 2, "max_by(a, order)", "a of the row with the greatest order.", call => call.Aggregate("max_by", call[0].Type, call[0], Ordered(call, 1))),
        new("bool_and", Aggregate, 1, 1, "bool_and(condition)", "Whether it holds for all rows.", call => call.Aggregate("bool_and", DataTypes.Boolean, call.Want(0, DataTypes.Boolean))) { Aliases = ["every"] },
        new("bool_or", Aggregate, 1, 1, "bool_or(condition)", "Whether it holds for any row.", call => call.Aggregate("bool_or", DataTypes.Boolean, call.Want(0, DataTypes.Boolean))) { Aliases = ["any", "some"] },
        Deviation("stddev", "stddev_samp", "Standard deviation of a sample.", "std", "stddev_samp"),
        Deviation("stddev_pop", "stddev_pop", "Standard deviation of all."),
        Deviation("variance", "var_samp", "Variance of a sample.", "var_samp"),
        Deviation("var_pop", "var_pop", "Variance of all."),
        new("median", Aggregate, 1, 1, "median(number)", "Median, interpolated.", call => call.Aggregate("percentile", DataTypes.Double, call.Double(0), Build.Literal(DataTypes.Double, 0.5))),
        new("percentile", Aggregate, 2, 3, "percentile(number, share)", "Exact percentile, interpolated.", Percentile),
        new("percentile_approx", Aggregate, 2, 3, "percentile_approx(number, share)", "Percentile by nearest rank, of at most 10,000 values.", ApproximatePercentile) { Aliases = ["approx_percentile"] },
        new("collect_list", Aggregate, 1, 1, "collect_list(a)", "Values as an array, without nulls.", call => call.Aggregate("collect_list", new ArrayType(call[0].Type, false), call[0]) with { Pretty = $"collect_list({call[0].Pretty})" }) { Aliases = ["array_agg"] },
        new("collect_set", Aggregate, 1, 1, "collect_set(a)", "Distinct values as an array, without nulls.", call => call.Aggregate("collect_set", new ArrayType(Atomic(call).Type, false), call[0])),
        First("first", "first_value", "The first value met."),
        First("last", "last_value", "The last value met."),
        First("any_value", null, "Some value."),
    ];

    /// <summary>An argument with an order that both engines share: nulls inside arrays and structs are ordered differently.</summary>
    private static TypedExpression Ordered(FunctionCall call, int index)
    {
        var type = call[index].Type;
        if (!Coercion.IsOrderable(type))
        {
            throw call.Analyzer.Mismatch(call.Span, "INVALID_ORDERING_TYPE", call.Pretty, $"The `{call.Name}` does not support ordering on type \"{PrettyText.Of(type)}\"");
        }

        return Coercion.IsAtomic(type) ? call[index] : throw call.Refuse($"{call.Name} over {type.SimpleString}");
    }

    private static TypedExpression Atomic(FunctionCall call) =>
        Coercion.IsAtomic(call[0].Type) ? call[0] : throw call.Refuse($"{call.Name} of {call[0].Type.SimpleString}");

    private static AggregateExpression Sum(FunctionCall call, string name)
    {
        if (call[0].Type is IntervalType)
        {
            throw call.Refuse("sum of intervals");
        }

        var value = call.Number(0);
        var type = value.Type switch
        {
            DecimalType number => new DecimalType(Math.Min(38, number.Precision + 10), number.Scale),
            var whole when Coercion.IsIntegral(whole) => DataTypes.Long,
            _ => (DataType)DataTypes.Double,
        };
        return call.Aggregate(name, type, type == DataTypes.Double ? Build.Cast(value, DataTypes.Double) : value);
    }

    private static AggregateExpression Average(FunctionCall call)
    {
        if (call[0].Type is IntervalType)
        {
            throw call.Refuse("avg of intervals");
        }

        var value = call.Number(0);
        if (value.Type is not DecimalType { Precision: var precision, Scale: var scale })
        {
            return call.Aggregate("avg", DataTypes.Double, value.Type == DataTypes.Float ? Build.Cast(value, DataTypes.Double) : value);
        }

        return precision + 10 <= 24 && scale + 4 <= 38
            ? call.Aggregate("avg", new DecimalType(precision + 4, scale + 4), value)
            : throw call.Refuse("avg of so wide a decimal");
    }

    private static FunctionDefinition Deviation(string name, string function, string description, params IReadOnlyList<string> aliases) =>
        new(name, Aggregate, 1, 1, $"{name}(number)", description, call => call.Aggregate(function, DataTypes.Double, call.Double(0))) { Aliases = aliases };

    private static FunctionDefinition First(string name, string? alias, string description) =>
        new(name, Aggregate, 1, 2, $"{name}(a[, ignoreNulls])", description, call =>
        {
            var ignore = call.Node.IgnoreNulls == true || (call.Count > 1 && (call[1] is LiteralExpression { Value: bool flag } ? flag : throw call.Refuse("A computed ignoreNulls")));
            return call.Aggregate(name + (ignore ? " ignore nulls" : ""), call[0].Type, call[0]) with { Pretty = $"{call.Name}({call[0].Pretty})" };
        }) { Aliases = alias is null ? [] : [alias] };

    private static AggregateExpression Percentile(FunctionCall call) =>
        call.Count == 2 && call[1] is LiteralExpression && call[1].Type is not ArrayType && call.Double(1) is LiteralExpression { Value: double share } && share is >= 0 and <= 1
            ? call.Aggregate("percentile", DataTypes.Double, call.Double(0), Build.Literal(DataTypes.Double, share)) with { Pretty = $"percentile({call[0].Pretty}, {call[1].Pretty}, 1)" }
            : throw call.Refuse("percentile of this share");

    private static AggregateExpression ApproximatePercentile(FunctionCall call)
    {
        var share = call.Count == 3 || call[1].Type is ArrayType ? null : call.Double(1) as LiteralExpression;
        return share is { Value: double and >= 0 and <= 1 } && (Coercion.IsIntegral(call[0].Type) || call[0].Type == DataTypes.Double)
            ? call.Aggregate("percentile_approx", call[0].Type, call[0], Build.Literal(DataTypes.Double, share.Value)) with { Pretty = $"{call.Name}({call[0].Pretty}, {call[1].Pretty}, 10000)" }
            : throw call.Refuse("percentile_approx of this");
    }
}
