using LogPipeline.Core.Query.SparkSql.Functions;
using LogPipeline.Core.Query.SparkSql.Plan;
using LogPipeline.Core.Query.SparkSql.Syntax;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.SparkSql.Analysis;

internal sealed partial class Analyzer
{
    private TypedExpression Call(FunctionNode node, ExpressionContext within)
    {
        var definition = Function(node);
        var inner = definition.Kind == FunctionKind.Aggregate && node.Over is null ? within with { AliasFirst = false } : within;
        var arguments = Arguments(node, definition, inner);
        if (arguments.Count < definition.Least || arguments.Count > definition.Most)
        {
            var wanted = definition.Least == definition.Most ? $"{definition.Least}" : definition.Most == int.MaxValue ? $"> {definition.Least - 1}" : $"[{string.Join(", ", Enumerable.Range(definition.Least, definition.Most - definition.Least + 1))}]";
            throw Error(node.Span, "WRONG_NUM_ARGS.WITHOUT_SUGGESTION", "42605", $"The `{definition.Name}` requires {wanted} parameters but the actual number is {arguments.Count}.");
        }

        var call = new FunctionCall(this, node, DisplayName(node, definition), arguments);
        var result = definition.Resolve(call);
        if (definition.Kind == FunctionKind.Scalar)
        {
            return Scalar(node, definition, result);
        }

        if (definition.Kind == FunctionKind.Window && node.Over is null)
        {
            throw Error(node.Span, "WINDOW_FUNCTION_WITHOUT_OVER_CLAUSE", "42601", $"Window function \"{result.Pretty}\" requires an OVER clause.");
        }

        if (result is AggregateExpression aggregate)
        {
            result = Modified(aggregate, node, inner);
        }
        else if (node.Distinct || node.Filter is not null)
        {
            throw Unsupported(node.Span, $"DISTINCT or FILTER in {node.Name.ToLowerInvariant()}");
        }

        return node.Over is null ? result : Window(result, node, definition, within);
    }

    private static string DisplayName(FunctionNode node, FunctionDefinition definition) =>
        Scope.Same(node.Name, definition.Name) || definition.Aliases.Any(alias => Scope.Same(alias, node.Name)) ? node.Name.ToLowerInvariant() : definition.Name;

    private List<TypedExpression> Arguments(FunctionNode node, FunctionDefinition definition, ExpressionContext within)
    {
        var arguments = new List<TypedExpression>();
        foreach (var argument in node.Arguments)
        {
            if (arguments.Count == 0 && node.Arguments.Count == 3 && argument is NameNode { Parts: [var unit] } && definition.Name is "datediff" or "timestampdiff" or "dateadd" or "date_add")
            {
                arguments.Add(Build.Literal(DataTypes.String, unit));
                continue;
            }

            if (argument is StarNode star)
            {
                if (definition.Name == "count" && star.Target.Count == 0 && node.Arguments.Count == 1 && !node.Distinct)
                {
                    arguments.Add(Build.Whole(1));
                    continue;
                }

                arguments.AddRange(Expand(star, within).Select(item => item.Expression));
                continue;
            }

            if (argument is LambdaNode)
            {
                throw Unsupported(argument.Span, $"The function {node.Name.ToLowerInvariant()} with a lambda");
            }

            arguments.Add(Expression(argument, within));
        }

        return arguments;
    }

    private TypedExpression Scalar(FunctionNode node, FunctionDefinition definition, TypedExpression result)
    {
        if (node.Distinct || node.Filter is not null || node.Over is not null || node.WithinGroup is not null || node.IgnoreNulls is not null)
        {
            throw node.Distinct
                ? Error(node.Span, "INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX", "42000", $"The function `{definition.Name}` does not support DISTINCT.")
                : node.Over is not null
                ? Error(node.Span, "UNSUPPORTED_EXPR_FOR_WINDOW", "42P20", $"Expression \"{result.Pretty}\" not supported within a window function.")
                : Error(node.Span, "INVALID_SQL_SYNTAX.FUNCTION_WITH_UNSUPPORTED_SYNTAX", "42000", $"The function `{definition.Name}` does not support this clause.");
        }

        return result;
    }

    private AggregateExpression Modified(AggregateExpression aggregate, FunctionNode node, ExpressionContext within)
    {
        if (aggregate.Arguments.Any(argument => argument.Any(part => part is AggregateExpression)) && node.Over is null)
        {
            throw Error(node.Span, "NESTED_AGGREGATE_FUNCTION", "42607", "It is not allowed to use an aggregate function in the argument of another aggregate function. Please use the inner aggregate function in a sub-query.");
        }

        if (aggregate.Arguments.Any(argument => argument.Any(part => part is WindowExpression)))
        {
            throw Unsupported(node.Span, "A window function inside an aggregate");
        }

        if (aggregate.Arguments.Any(argument => argument.Any(part => part is ScalarQueryExpression or ExistsExpression or InQueryExpression)))
        {
            throw Unsupported(node.Span, "A subquery inside an aggregate");
        }

        if (node.WithinGroup is not null && aggregate.Order.Count == 0)
        {
            throw Unsupported(node.Span, $"WITHIN GROUP in {node.Name.ToLowerInvariant()}");
        }

        if (node.Distinct)
        {
            if (aggregate.Function is not ("count" or "sum" or "avg" or "min" or "max" or "collect_list" or "collect_set"))
            {
                throw Unsupported(node.Span, $"DISTINCT in {node.Name.ToLowerInvariant()}");
            }

            aggregate = aggregate with { Distinct = true };
        }

        if (node.Filter is not null)
        {
            var filter = Condition(node.Filter, within, "FILTER");
            if (filter.Any(part => part is AggregateExpression or WindowExpression or ScalarQueryExpression or ExistsExpression or InQueryExpression))
            {
                throw Unsupported(node.Filter.Span, "This FILTER condition");
            }

            aggregate = aggregate with { Filter = filter, Pretty = $"{aggregate.Pretty} FILTER (WHERE {filter.Pretty})" };
        }

        if (node.IgnoreNulls is not null && aggregate.Function is not ("first" or "last" or "any_value") && node.Over is null)
        {
            throw Unsupported(node.Span, "IGNORE NULLS here");
        }

        return aggregate;
    }

    private WindowExpression Window(TypedExpression function, FunctionNode node, FunctionDefinition definition, ExpressionContext within)
    {
        var over = node.Over!;
        if (over.Name is { } name)
        {
            over = within.Windows.FirstOrDefault(window => Scope.Same(window.Name, name)).Window
                ?? throw Error(over.Span, "MISSING_WINDOW_SPECIFICATION", "42P20", $"Window specification is not defined in the WINDOW clause for `{name}`.");
            over = over.Name is null ? over : throw Unsupported(over.Span, "A window that names another");
        }

        var partition = over.Partition.Select(part => Expression(part, within)).ToList();
        var order = over.Order.Select(key => SortKeyOf(key, Expression(key.Expression, within))).ToList();
        if (partition.Concat(order.Select(key => key.Expression)).Concat(function.Children).Any(part => part.Any(inner => inner is WindowExpression)))
        {
            throw Unsupported(node.Span, "A window function inside another");
        }

        if (definition.Kind == FunctionKind.Window && order.Count == 0)
        {
            throw Error(node.Span, "WINDOW_FUNCTION_FRAME_NOT_ORDERED", "42601", $"Window function {definition.Name} requires the window to be ordered. You need to add an ORDER BY clause. For example: SELECT {definition.Name}(value_expr) OVER (PARTITION BY window_partition ORDER BY window_ordering) from table.");
        }

        if (function is AggregateExpression { Distinct: true })
        {
            throw Error(node.Span, "DISTINCT_WINDOW_FUNCTION_UNSUPPORTED", "0A000", "Distinct window functions are not supported.");
        }

        var ranked = definition.Kind == FunctionKind.Window;
        var frame = over.Frame is null ? null : Frame(over.Frame, order);
        if (ranked && frame is not null && definition.Name != "nth_value")
        {
            throw Unsupported(over.Frame!.Span, $"A frame of {definition.Name}");
        }

        var parts = new List<string>();
        if (partition.Count > 0)
        {
            parts.Add($"PARTITION BY {string.Join(", ", partition.Select(part => part.Pretty))}");
        }

        if (order.Count > 0)
        {
            parts.Add($"ORDER BY {string.Join(", ", order.Select(key => $"{key.Expression.Pretty} {(key.Descending ? "DESC" : "ASC")} NULLS {(key.NullsFirst ? "FIRST" : "LAST")}"))}");
        }

        parts.Add(frame is not null ? FrameText(over.Frame!) : ranked && definition.Name != "nth_value" ? RankFrame(definition.Name, node) : order.Count > 0 ? "RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW" : "ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING");
        return new WindowExpression(function, partition, order, frame, node.IgnoreNulls == true) { Pretty = $"{function.Pretty} OVER ({string.Join(' ', parts)})" };
    }

    private static string RankFrame(string name, FunctionNode node) => name switch
    {
        "lag" or "lead" => $"ROWS BETWEEN {(name == "lag" ? "-" : "")}{(node.Arguments.Count > 1 && node.Arguments[1] is LiteralNode literal ? literal.Value : 1)} FOLLOWING AND {(name == "lag" ? "-" : "")}{(node.Arguments.Count > 1 && node.Arguments[1] is LiteralNode same ? same.Value : 1)} FOLLOWING",
        _ => "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW",
    };

    private string FrameText(FrameNode frame)
    {
        string Bound(BoundNode bound) => bound.Offset is null ? bound.Kind : $"{sql[bound.Offset.Span.Start..bound.Offset.Span.End]} {bound.Kind}";
        return $"{(frame.Rows ? "ROWS" : "RANGE")} BETWEEN {Bound(frame.Low)} AND {Bound(frame.High)}";
    }

    /// <summary>Whether an order's type has a range of such offsets that is answered here.</summary>
    private static bool RangeFits(DataType order, DataType offset) =>
        (Coercion.IsIntegral(order) && Coercion.IsIntegral(offset))
        || (order == DataTypes.Date && (Coercion.IsIntegral(offset) || offset is IntervalType { From: "DAY", To: "DAY" }))
        || (order == DataTypes.Timestamp && offset is IntervalType { IsYearMonth: false });

    private WindowFrame Frame(FrameNode node, List<SortKey> order)
    {
        DataType? offsetType = null;
        FrameBound Bound(BoundNode bound)
        {
            if (bound.Offset is null)
            {
                return bound.Kind == "CURRENT ROW" ? new FrameBound(false, 0, true) : new FrameBound(true, 0, bound.Kind.EndsWith("PRECEDING", StringComparison.Ordinal));
            }

            var value = Expression(bound.Offset, new ExpressionContext(new Scope([], null)));
            if (value is not LiteralExpression { Value: long offset })
            {
                throw Unsupported(bound.Span, "A computed window bound");
            }

            offsetType = value.Type;
            var before = bound.Kind == "PRECEDING";
            return offset < 0 ? throw Unsupported(bound.Span, "A negative window bound") : new FrameBound(false, offset, before);
        }

        var (low, high) = (Bound(node.Low), Bound(node.High));
        if (offsetType is null)
        {
            return new WindowFrame(node.Rows, low, high, null);
        }

        if (node.Rows)
        {
            return Coercion.IsIntegral(offsetType) ? new WindowFrame(true, low, high, offsetType) : throw Unsupported(node.Span, "This window bound");
        }

        if (order.Count != 1)
        {
            throw Mismatch(node.Span, order.Count == 0 ? "RANGE_FRAME_WITHOUT_ORDER" : "RANGE_FRAME_MULTI_ORDER", "RANGE", "A range window frame needs exactly one ORDER BY expression");
        }

        var type = order[0].Expression.Type;
        var fits = RangeFits(type, offsetType);
        if (!fits)
        {
            throw Coercion.IsNumeric(type) || Coercion.IsDatetime(type)
                ? Unsupported(node.Span, $"A range over {type.SimpleString}")
                : Mismatch(node.Span, "SPECIFIED_WINDOW_FRAME_UNACCEPTED_TYPE", FrameText(node), $"The data type of the frame bound \"{PrettyText.Of(type)}\" is not accepted");
        }

        return new WindowFrame(false, low, high, offsetType) { OnDate = type == DataTypes.Date };
    }
}
