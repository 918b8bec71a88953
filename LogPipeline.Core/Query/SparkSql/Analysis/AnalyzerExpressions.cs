using LogPipeline.Core.Query.SparkSql.Plan;
using LogPipeline.Core.Query.SparkSql.Syntax;
using LogPipeline.Core.Query.SparkSql.Values;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.SparkSql.Analysis;

internal sealed partial class Analyzer
{
    internal TypedExpression Expression(ExpressionNode node, ExpressionContext within)
    {
        switch (node)
        {
            case LiteralNode literal:
                return Build.Literal(literal.Type, literal.Value);
            case NameNode name:
                return ResolveName(name.Parts, name.Span, within);
            case UnaryNode unary:
                return Unary(unary, within);
            case BinaryNode binary:
                return Binary(binary.Operator, Expression(binary.Left, within), Expression(binary.Right, within), binary.Span);
            case BetweenNode between:
                return Between(between, within);
            case InListNode list:
                return InList(list, within);
            case InQueryNode query:
                return InQuery(query, within);
            case LikeNode like:
                return Like(like, within);
            case IsNode test:
                return Is(test, within);
            case IsDistinctNode distinct:
                var (left, right) = (Expression(distinct.Left, within), Expression(distinct.Right, within));
                var same = Binary("<=>", left, right, distinct.Span);
                return distinct.Not ? same : Build.Not(same);
            case CaseNode choice:
                return Case(choice, within);
            case CastNode cast:
                return ExplicitCast(Expression(cast.Operand, within), cast.Type, cast.Try, cast.Span);
            case FunctionNode function:
                return Call(function, within);
            case ScalarQueryNode scalar:
                return ScalarQuery(scalar, within);
            case ExistsNode exists:
                return new ExistsExpression(Query(exists.Query, within.Scope, within.Tables), NewId()) { Pretty = "exists()" };
            case RowNode row:
                return Row(row, within);
            case SubscriptNode subscript:
                return Subscript(subscript, within);
            case FieldNode field:
                return Extract(Expression(field.Operand, within), field.Name, field.Span);
            case NamedNode named:
                return Expression(named.Operand, within);
            case StarNode star:
                throw Error(star.Span, "INVALID_USAGE_OF_STAR_OR_REGEX", "42000", "Invalid usage of '*' in expression.");
            case LambdaNode lambda:
                throw Unsupported(lambda.Span, "A lambda here");
            default:
                throw Unsupported(node.Span, "This expression");
        }
    }

    private TypedExpression ExplicitCast(TypedExpression operand, DataType type, bool isTry, Span span)
    {
        var pretty = $"{(isTry ? "TRY_CAST" : "CAST")}({operand.Pretty} AS {PrettyText.Of(type)})";
        if (!Coercion.CanCast(operand.Type, type))
        {
            throw Mismatch(span, "CAST_WITHOUT_SUGGESTION", pretty, $"cannot cast \"{PrettyText.Of(operand.Type)}\" to \"{PrettyText.Of(type)}\"");
        }

        return Build.Cast(operand, type, isTry) with { Pretty = pretty };
    }

    private TypedExpression Unary(UnaryNode node, ExpressionContext within)
    {
        var operand = Expression(node.Operand, within);
        if (node.Operator == "NOT")
        {
            var pretty = $"(NOT {operand.Pretty})";
            operand = Want(operand, DataTypes.Boolean, node.Span, pretty, 1);
            return new CallExpression("not", [operand], DataTypes.Boolean) { Pretty = pretty };
        }

        if (node.Operator == "~")
        {
            return Coercion.IsIntegral(operand.Type)
                ? new CallExpression("bit_not", [operand], operand.Type) { Pretty = $"~{operand.Pretty}" }
                : throw Unsupported(node.Span, "~ of this type");
        }

        if (operand.Type == DataTypes.String)
        {
            operand = Build.Cast(operand, DataTypes.Double);
        }

        if (!Coercion.IsNumeric(operand.Type) && operand.Type is not IntervalType)
        {
            throw Mismatch(node.Span, "UNEXPECTED_INPUT_TYPE", $"({node.Operator} {operand.Pretty})", $"The first parameter requires the (\"NUMERIC\" or \"INTERVAL\") type, however \"{operand.Pretty}\" has the type \"{PrettyText.Of(operand.Type)}\"");
        }

        return node.Operator == "+"
            ? operand.Titled($"(+ {operand.Pretty})")
            : new CallExpression("negative", [operand], operand.Type) { Pretty = $"(- {operand.Pretty})", Raises = Coercion.IsIntegral(operand.Type) };
    }

    /// <summary>A value turned into a type that an operator or function wants.</summary>
    internal TypedExpression Want(TypedExpression value, DataType type, Span span, string pretty, int place)
    {
        if (!Coercion.CanImplicitly(value.Type, type))
        {
            var ordinal = place switch { 1 => "first", 2 => "second", 3 => "third", 4 => "fourth", _ => $"{place}th" };
            throw Mismatch(span, "UNEXPECTED_INPUT_TYPE", pretty, $"The {ordinal} parameter requires the \"{PrettyText.Of(type)}\" type, however \"{value.Pretty}\" has the type \"{PrettyText.Of(value.Type)}\"");
        }

        return Build.Cast(value, type);
    }

    private TypedExpression Between(BetweenNode node, ExpressionContext within)
    {
        var (value, low, high) = (Expression(node.Operand, within), Expression(node.Low, within), Expression(node.High, within));
        var result = Build.And(Binary(">=", value, low, node.Span), Binary("<=", value, high, node.Span)) with { Pretty = $"between({value.Pretty}, {low.Pretty}, {high.Pretty})" };
        return node.Not ? Build.Not(result) : result;
    }

    private TypedExpression InList(InListNode node, ExpressionContext within)
    {
        var value = Expression(node.Operand, within);
        var items = node.Items.Select(item => Expression(item, within)).ToList();
        var pretty = $"({value.Pretty} IN ({string.Join(", ", items.Select(item => item.Pretty))}))";
        if (value is CallExpression { Function: "struct", Type: StructType names })
        {
            // Rows compare by place, whatever the names of their fields.
            items = [.. items.Select(item => item is CallExpression { Function: "struct", Type: StructType other } row && other.Fields.Count == names.Fields.Count
                ? row with { Type = new StructType([.. other.Fields.Select((field, index) => field with { Name = names.Fields[index].Name })]) }
                : item)];
        }

        var type = Coercion.Wider(items.Select(item => item.Type).Prepend(value.Type))
            ?? throw Mismatch(node.Span, "DATA_DIFF_TYPES", pretty, $"Input to `in` should all be the same type, but it's ({string.Join(" or ", items.Select(item => item.Type).Prepend(value.Type).Select(one => $"\"{PrettyText.Of(one)}\""))})");
        RequireComparable("IN", type, pretty, node.Span);
        var result = new CallExpression("in", [Build.Cast(value, type), .. items.Select(item => Build.Cast(item, type))], DataTypes.Boolean) { Pretty = pretty };
        return node.Not ? Build.Not(result) : result;
    }

    private TypedExpression Is(IsNode node, ExpressionContext within)
    {
        var operand = Expression(node.Operand, within);
        if (node.What is "NULL" or "UNKNOWN")
        {
            operand = node.What == "UNKNOWN" ? Want(operand, DataTypes.Boolean, node.Span, operand.Pretty, 1) : operand;
            return new CallExpression(node.Not ? "isnotnull" : "isnull", [operand], DataTypes.Boolean) { Pretty = $"({operand.Pretty} IS {(node.Not ? "NOT " : "")}NULL)" };
        }

        var truth = Build.Literal(DataTypes.Boolean, node.What == "TRUE");
        var same = Binary("<=>", Want(operand, DataTypes.Boolean, node.Span, operand.Pretty, 1), truth, node.Span);
        return node.Not ? Build.Not(same) : same;
    }

    private CaseExpression Case(CaseNode node, ExpressionContext within)
    {
        var operand = node.Operand is null ? null : Expression(node.Operand, within);
        var branches = new List<(TypedExpression When, TypedExpression Then)>();
        foreach (var (whenNode, thenNode) in node.Branches)
        {
            var when = Expression(whenNode, within);
            when = operand is null ? when : Binary("=", operand, when, whenNode.Span);
            if (when.Type != DataTypes.Boolean && when.Type != DataTypes.Null)
            {
                throw Mismatch(whenNode.Span, "UNEXPECTED_INPUT_TYPE", "CASE WHEN …", $"The first parameter requires the \"BOOLEAN\" type, however \"{when.Pretty}\" has the type \"{PrettyText.Of(when.Type)}\"");
            }

            branches.Add((Build.Cast(when, DataTypes.Boolean), Expression(thenNode, within)));
        }

        var otherwise = node.Else is null ? null : Expression(node.Else, within);
        return Choice("casewhen", branches, otherwise, node.Span, CasePretty(branches, otherwise));
    }

    private static string CasePretty(IReadOnlyList<(TypedExpression When, TypedExpression Then)> branches, TypedExpression? otherwise) =>
        $"CASE {string.Join(' ', branches.Select(branch => $"WHEN {branch.When.Pretty} THEN {branch.Then.Pretty}"))}{(otherwise is null ? "" : $" ELSE {otherwise.Pretty}")} END";

    /// <summary>CASE with all values of one type.</summary>
    internal CaseExpression Choice(string function, IReadOnlyList<(TypedExpression When, TypedExpression Then)> branches, TypedExpression? otherwise, Span span, string pretty)
    {
        IReadOnlyList<TypedExpression> values = [.. branches.Select(branch => branch.Then), .. otherwise is null ? Array.Empty<TypedExpression>() : [otherwise]];
        var type = Common(function, values, span, pretty);
        return new CaseExpression([.. branches.Select(branch => (branch.When, Build.Cast(branch.Then, type)))], otherwise is null ? null : Build.Cast(otherwise, type), type) { Pretty = pretty };
    }

    /// <summary>The type that values of one result share.</summary>
    internal DataType Common(string function, IReadOnlyList<TypedExpression> values, Span span, string pretty) =>
        Coercion.Wider(values.Select(value => value.Type))
            ?? throw Mismatch(span, "DATA_DIFF_TYPES", pretty, $"Input to `{function}` should all be the same type, but it's ({string.Join(" or ", values.Select(value => $"\"{PrettyText.Of(value.Type)}\""))})");

    private CallExpression Row(RowNode node, ExpressionContext within)
    {
        var items = node.Items.Select(item => Expression(item, within)).ToList();
        var fields = items.Select((item, index) => new StructField(node.Items[index] is NameNode name ? name.Parts[^1] : $"col{index + 1}", item.Type)).ToList();
        return new CallExpression("struct", items, new StructType(fields)) { Pretty = $"struct({string.Join(", ", items.Select(item => item.Pretty))})" };
    }

    private TypedExpression Subscript(SubscriptNode node, ExpressionContext within)
    {
        var operand = Expression(node.Operand, within);
        var index = Expression(node.Index, within);
        var pretty = $"{operand.Pretty}[{index.Pretty}]";
        switch (operand.Type)
        {
            case ArrayType array when Coercion.IsIntegral(index.Type):
                return new CallExpression("array_get", [operand, Build.Cast(index, DataTypes.Long)], array.Element) { Pretty = pretty, Raises = true };
            case MapType map when Coercion.IsAtomic(map.Key):
                var type = Coercion.Wider(map.Key, index.Type);
                return map.Key.Equals(type)
                    ? new CallExpression("map_get", [operand, Build.Cast(index, type)], map.Value) { Pretty = pretty }
                    : throw Unsupported(node.Span, "A map key of another type");
            case StructType when index is LiteralExpression { Value: string name }:
                return Extract(operand, name, node.Span);
            case ArrayType or MapType:
                throw Unsupported(node.Span, "This subscript");
            default:
                throw Error(node.Span, "INVALID_EXTRACT_BASE_FIELD_TYPE", "42000", $"Can't extract a value from \"{operand.Pretty}\". Need a complex type [STRUCT, ARRAY, MAP] but got \"{PrettyText.Of(operand.Type)}\".");
        }
    }

    private ScalarQueryExpression ScalarQuery(ScalarQueryNode node, ExpressionContext within)
    {
        var plan = Query(node.Query, within.Scope, within.Tables);
        if (plan.Columns.Count != 1)
        {
            throw Error(node.Span, "INVALID_SUBQUERY_EXPRESSION.SCALAR_SUBQUERY_RETURN_MORE_THAN_ONE_OUTPUT_COLUMN", "42823", $"Invalid subquery: Scalar subquery must return only one column, but returned {plan.Columns.Count}.");
        }

        if (PlanWalker.OuterColumns(plan).Count > 0 && !IsGlobalAggregate(plan))
        {
            throw Unsupported(node.Span, "A correlated subquery that is no aggregate of all its rows");
        }

        return new ScalarQueryExpression(plan, plan.Columns[0]) { Pretty = "scalarsubquery()" };
    }

    /// <summary>Whether a plan has exactly one row whatever it reads.</summary>
    private static bool IsGlobalAggregate(Relation plan) => plan switch
    {
        ProjectRelation project => IsGlobalAggregate(project.Input),
        AggregateRelation aggregate => aggregate.Global && aggregate.Keys.Count == 0,
        _ => false,
    };

    private TypedExpression InQuery(InQueryNode node, ExpressionContext within)
    {
        IReadOnlyList<TypedExpression> operands = node.Operand is RowNode row ? [.. row.Items.Select(item => Expression(item, within))] : [Expression(node.Operand, within)];
        var plan = Query(node.Query, within.Scope, within.Tables);
        var pretty = $"({(operands.Count == 1 ? operands[0].Pretty : $"struct({string.Join(", ", operands.Select(operand => operand.Pretty))})")} IN (listquery()))";
        if (plan.Columns.Count != operands.Count)
        {
            throw Mismatch(node.Span, "IN_SUBQUERY_LENGTH_MISMATCH", pretty, $"The number of columns in the left hand side of an IN subquery does not match the number of columns in the output of subquery. Left hand side columns(length: {operands.Count}), right hand side columns(length: {plan.Columns.Count})");
        }

        var types = operands.Select((operand, index) => Coercion.Wider(operand.Type, plan.Columns[index].Type)
            ?? throw Mismatch(node.Span, "IN_SUBQUERY_DATA_TYPE_MISMATCH", pretty, $"The data type of one or more elements in the left hand side of an IN subquery is not compatible with the data type of the output of the subquery. Mismatched columns: [\"{operand.Pretty}\"]")).ToList();
        foreach (var type in types)
        {
            RequireComparable("IN", type, pretty, node.Span);
        }

        var result = new InQueryExpression([.. operands.Select((operand, index) => Build.Cast(operand, types[index]))], Convert(plan, types), NewId()) { Pretty = pretty };
        return node.Not ? Build.Not(result) : result;
    }

    private TypedExpression Like(LikeNode node, ExpressionContext within)
    {
        var value = Expression(node.Operand, within);
        var patterns = node.Patterns.Select(pattern => Expression(pattern, within)).ToList();
        var escape = node.Escape is null ? "\\" : node.Escape is LiteralNode { Value: string { Length: 1 } text } ? text : throw Error(node.Escape.Span, "INVALID_ESCAPE_CHAR", "42604", "`EscapeChar` should be a string literal of length one.");
        TypedExpression? result = null;
        foreach (var pattern in patterns)
        {
            var one = LikeOne(node, value, pattern, escape);
            var shown = node.Not && node.Quantifier is not null ? Build.Not(one) : one;
            result = result is null ? shown : new CallExpression(node.Quantifier == "ALL" ? "and" : "or", [result, shown], DataTypes.Boolean) { Pretty = $"{node.Operator.ToLowerInvariant()}{node.Quantifier?.ToLowerInvariant()}({value.Pretty})" };
        }

        return node.Not && node.Quantifier is null ? Build.Not(result!) : result!;
    }

    private CallExpression LikeOne(LikeNode node, TypedExpression value, TypedExpression pattern, string escape)
    {
        var pretty = node.Operator switch
        {
            "RLIKE" => $"RLIKE({value.Pretty}, {pattern.Pretty})",
            "ILIKE" => $"ilike({value.Pretty}, {pattern.Pretty})",
            _ => $"{value.Pretty} LIKE {pattern.Pretty}{(escape == "\\" ? "" : $" ESCAPE '{escape}'")}",
        };
        value = Want(value, DataTypes.String, node.Span, pretty, 1);
        pattern = Want(pattern, DataTypes.String, node.Span, pretty, 2);
        if (node.Operator == "RLIKE")
        {
            return RegexCall("rlike", [value, pattern], DataTypes.Boolean, pretty);
        }

        if (pattern is LiteralExpression { Value: string text })
        {
            for (var at = 0; at < text.Length; at++)
            {
                if (text[at] == escape[0])
                {
                    if (at + 1 == text.Length)
                    {
                        throw Error(node.Span, "INVALID_FORMAT.ESC_AT_THE_END", "42601", $"The format is invalid: '{text}'. The escape character is not allowed to end with.");
                    }

                    if (text[++at] is var next && next != '%' && next != '_' && next != escape[0])
                    {
                        throw Error(node.Span, "INVALID_FORMAT.ESC_IN_THE_MIDDLE", "42601", $"The format is invalid: '{text}'. The escape character is not allowed to precede '{next}'.");
                    }
                }
            }

            return new CallExpression(node.Operator == "ILIKE" ? "ilike" : "like", [value, pattern, Build.Literal(DataTypes.String, escape)], DataTypes.Boolean) { Pretty = pretty };
        }

        return new CallExpression(node.Operator == "ILIKE" ? "ilike_pattern" : "like_pattern", [value, pattern, Build.Literal(DataTypes.String, escape)], DataTypes.Boolean) { Pretty = pretty, Raises = true };
    }

    /// <summary>A call with a Java regular expression; whether it is one shows when it runs.</summary>
    internal static CallExpression RegexCall(string function, IReadOnlyList<TypedExpression> arguments, DataType type, string pretty) =>
        new(function, arguments, type) { Pretty = pretty, Raises = true };
}
