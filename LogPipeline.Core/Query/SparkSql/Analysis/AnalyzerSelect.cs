using LogPipeline.Core.Query.SparkSql.Plan;
using LogPipeline.Core.Query.SparkSql.Syntax;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.SparkSql.Analysis;

internal sealed partial class Analyzer
{
    /// <summary>One expression of the select list with its name.</summary>
    private sealed record Item_(TypedExpression Expression, string Name, Span Span, bool Aliased);

    private Relation Select(SelectNode node, Scope? outer, IReadOnlyList<CommonTable> tables, IReadOnlyList<SortNode> order, SortNode? orderAll)
    {
        var (input, scope) = From(node.From, outer, tables);
        var within = new ExpressionContext(scope) { Tables = tables, Windows = node.Windows };
        if (node.Where is not null)
        {
            input = new FilterRelation(input, Condition(node.Where, within, "WHERE"));
        }

        var items = SelectItems(node, within);
        TypedExpression? AliasOf(string name) => items.LastOrDefault(item => item.Aliased && Scope.Same(item.Name, name))?.Expression;
        TypedExpression? OutputOf(string name) => items.Where(item => Scope.Same(item.Name, name)).DistinctBy(item => item.Expression.Key).ToList() is [var only] ? only.Expression : null;

        var keys = GroupKeys(node, items, within with { Alias = AliasOf });
        var outputContext = within with { Alias = OutputOf, AliasFirst = true };
        var having = node.Having is null ? null : Condition(node.Having, outputContext, "HAVING");
        var qualify = node.Qualify is null ? null : Condition(node.Qualify, within with { Alias = AliasOf }, "QUALIFY");
        var sort = new List<(SortNode Node, TypedExpression? Expression, int? Place)>();
        if (!node.Distinct)
        {
            foreach (var key in order)
            {
                var place = Ordinal(key.Expression, items.Count, "ORDER_BY", key.Span);
                sort.Add((key, place is null ? Expression(key.Expression, outputContext) : null, place));
            }
        }

        var grouped = node.GroupBy.Count > 0 || node.GroupByAll || having is not null
            || items.Any(item => HasAggregate(item.Expression)) || sort.Any(key => key.Expression is not null && HasAggregate(key.Expression));
        if (grouped)
        {
            var grouping = new Grouping(this, input, scope, keys, node.GroupBy.Count > 0 || node.GroupByAll);
            items = [.. items.Select(item => item with { Expression = grouping.Rewrite(item.Expression, item.Span) })];
            having = having is null ? null : grouping.Rewrite(having, node.Having!.Span);
            qualify = qualify is null ? null : grouping.Rewrite(qualify, node.Qualify!.Span);
            sort = [.. sort.Select(key => key with { Expression = key.Expression is null ? null : grouping.Rewrite(key.Expression, key.Node.Span) })];
            input = grouping.Finish();
            input = having is null ? input : new FilterRelation(input, having);
        }

        return Finish(node, input, items, qualify, sort, order, orderAll);
    }

    /// <summary>Projection, QUALIFY, DISTINCT and ORDER BY, in this order.</summary>
    private Relation Finish(SelectNode node, Relation input, IReadOnlyList<Item_> items, TypedExpression? qualify, IReadOnlyList<(SortNode Node, TypedExpression? Expression, int? Place)> sort, IReadOnlyList<SortNode> order, SortNode? orderAll)
    {
        var outputs = items.Select(item => new ComputedColumn(NewColumn(item.Name, item.Expression.Type), item.Expression)).ToList();
        var visible = outputs.Count;
        var keys = new List<SortKey>();
        foreach (var (sortNode, expression, place) in sort)
        {
            if (expression is null)
            {
                keys.Add(SortKeyOf(sortNode, Ref(outputs[place!.Value - 1].Column)));
                continue;
            }

            var same = outputs.FindIndex(output => output.Expression.Key == expression.Key);
            if (same < 0)
            {
                outputs.Add(new ComputedColumn(NewColumn(expression.Pretty, expression.Type), expression));
                same = outputs.Count - 1;
            }

            keys.Add(SortKeyOf(sortNode, Ref(outputs[same].Column) with { Pretty = expression.Pretty }));
        }

        if (qualify is not null)
        {
            outputs.Add(new ComputedColumn(NewColumn("qualify", DataTypes.Boolean), qualify));
        }

        Relation result = new ProjectRelation(input, outputs);
        if (qualify is not null)
        {
            result = new FilterRelation(result, Ref(outputs[^1].Column));
        }

        if (node.Distinct)
        {
            if (outputs.FirstOrDefault(output => output.Column.Type is MapType) is { } map)
            {
                throw Error(node.Span, "UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE", "0A000", $"Cannot have MAP type columns in DataFrame which calls set operations (INTERSECT, EXCEPT, etc.), but the type of column `{map.Column.Name}` is \"{PrettyText.Of(map.Column.Type)}\".");
            }

            result = outputs.Count > visible ? Keep(result, visible) : result;
            return OrderOutput(new DistinctRelation(result), order, orderAll);
        }

        if (orderAll is not null)
        {
            result = new SortRelation(result, [.. outputs.Take(visible).Select(output => SortKeyOf(orderAll, Ref(output.Column)))]);
        }
        else if (keys.Count > 0)
        {
            result = new SortRelation(result, keys);
        }

        return outputs.Count > visible ? Keep(result, visible) : result;
    }

    private static ProjectRelation Keep(Relation input, int count) =>
        new(input, [.. input.Columns.Take(count).Select(column => new ComputedColumn(column, Ref(column)))]);

    private List<Item_> SelectItems(SelectNode node, ExpressionContext within)
    {
        var items = new List<Item_>();
        TypedExpression? Lateral(string name)
        {
            var found = items.Where(item => item.Aliased && Scope.Same(item.Name, name)).ToList();
            return found.Count <= 1 ? found.FirstOrDefault()?.Expression
                : throw Error(node.Span, "AMBIGUOUS_LATERAL_COLUMN_ALIAS", "42702", $"Lateral column alias `{name}` is ambiguous and has {found.Count} matches.");
        }

        foreach (var item in node.Items)
        {
            if (item.Expression is StarNode star)
            {
                items.AddRange(Expand(star, within));
                continue;
            }

            var expression = Expression(item.Expression, within with { Alias = Lateral });
            items.Add(new Item_(expression, item.Alias ?? NameOf(item.Expression, expression), item.Span, item.Alias is not null));
        }

        return items;
    }

    /// <summary>The name of a column without an alias: the last part of a dotted name, else the expression's text.</summary>
    private static string NameOf(ExpressionNode node, TypedExpression expression) => node switch
    {
        NameNode name when expression is ColumnExpression or FieldExpression => name.Parts[^1],
        FieldNode field when expression is FieldExpression => field.Name,
        _ => expression.Pretty,
    };

    private IEnumerable<Item_> Expand(StarNode star, ExpressionContext within)
    {
        var columns = within.Scope.Star(star.Target);
        if (star.Target.Count > 0 && columns.Count == 0)
        {
            var value = ResolveName(star.Target, star.Span, within);
            if (value.Type is not StructType row)
            {
                throw Error(star.Span, "CANNOT_RESOLVE_STAR_EXPAND", "42704", $"Cannot resolve {string.Join('.', star.Target.Select(part => $"`{part}`"))}.* given input columns.");
            }

            columns = [.. row.Fields.Select(field => new ScopeColumn([], field.Name, Build.Field(value, field)))];
        }

        if (columns.Count == 0 && star.Target.Count == 0)
        {
            throw Error(star.Span, "INVALID_USAGE_OF_STAR_OR_REGEX", "42000", "Invalid usage of '*' in expression `project`.");
        }

        foreach (var except in star.Except)
        {
            var name = except.Parts.Count == 1 ? except.Parts[0] : throw Unsupported(except.Span, "EXCEPT with a dotted name");
            if (!columns.Any(column => Scope.Same(column.Name, name)))
            {
                throw Unresolved(except.Span, except.Parts, [.. columns.Select(column => column.Name)]);
            }
        }

        return columns.Where(column => !star.Except.Any(except => Scope.Same(except.Parts[0], column.Name)))
            .Select(column => new Item_(column.Value, column.Name, star.Span, false));
    }

    private List<TypedExpression> GroupKeys(SelectNode node, IReadOnlyList<Item_> items, ExpressionContext within)
    {
        if (node.GroupByAll)
        {
            return [.. items.Where(item => !HasAggregate(item.Expression)).Select(item => item.Expression)];
        }

        var keys = new List<TypedExpression>();
        foreach (var key in node.GroupBy)
        {
            var place = Ordinal(key, items.Count, "GROUP_BY", key.Span);
            var expression = place is { } index ? items[index - 1].Expression : Expression(key, within);
            if (place is not null && HasAggregate(expression))
            {
                throw Error(key.Span, "GROUP_BY_POS_AGGREGATE", "42903", $"GROUP BY {place} refers to an expression {expression.Pretty} that contains an aggregate function. Aggregate functions are not allowed in GROUP BY.");
            }

            if (expression.Any(part => part is AggregateExpression))
            {
                throw Error(key.Span, "GROUP_BY_AGGREGATE", "42903", $"Aggregate functions are not allowed in GROUP BY, but found {expression.Pretty}.");
            }

            if (expression.Any(part => part is WindowExpression))
            {
                throw Unsupported(key.Span, "A window function in GROUP BY");
            }

            if (!Coercion.IsOrderable(expression.Type))
            {
                throw Error(key.Span, "GROUP_EXPRESSION_TYPE_IS_NOT_ORDERABLE", "42822", $"The expression \"{expression.Pretty}\" cannot be used as a grouping expression because its data type \"{PrettyText.Of(expression.Type)}\" is not an orderable data type.");
            }

            keys.Add(expression);
        }

        return keys;
    }

    /// <summary>Whether it has an aggregate that is not a window's own function.</summary>
    private static bool HasAggregate(TypedExpression expression) => expression.Any(part => part is AggregateExpression);

    /// <summary>A condition of WHERE, HAVING, QUALIFY or ON.</summary>
    private TypedExpression Condition(ExpressionNode node, ExpressionContext within, string clause)
    {
        var expression = Expression(node, within);
        if (clause is "WHERE" or "JOIN" && expression.Any(part => part is AggregateExpression or WindowExpression))
        {
            var bad = string.Join(", ", Parts(expression).Where(part => part is AggregateExpression or WindowExpression).Select(part => part.Pretty).Distinct());
            throw clause == "WHERE"
                ? Error(node.Span, "INVALID_WHERE_CONDITION", "42903", $"The WHERE condition \"{expression.Pretty}\" contains invalid expressions: {bad}.\nRewrite the query to avoid window functions, aggregate functions, and generator functions in the WHERE clause.")
                : Unsupported(node.Span, "An aggregate in a join condition");
        }

        if (clause == "HAVING" && expression.Any(part => part is WindowExpression))
        {
            throw Unsupported(node.Span, "A window function in HAVING");
        }

        if (expression.Type == DataTypes.Null)
        {
            return Build.Cast(expression, DataTypes.Boolean);
        }

        if (expression.Type != DataTypes.Boolean)
        {
            throw Mismatch(node.Span, clause == "JOIN" ? "JOIN_CONDITION_NOT_BOOLEAN" : "FILTER_NOT_BOOLEAN", expression.Pretty, $"{(clause == "JOIN" ? "Join condition" : "Filter expression")} \"{expression.Pretty}\" of type \"{PrettyText.Of(expression.Type)}\" is not a boolean");
        }

        return expression;
    }

    private static IEnumerable<TypedExpression> Parts(TypedExpression expression) =>
        expression.Children.SelectMany(Parts).Prepend(expression);
}
