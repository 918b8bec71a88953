using LogPipeline.Core.Query.SparkSql.Plan;
using LogPipeline.Core.Query.SparkSql.Syntax;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.SparkSql.Analysis;

internal sealed partial class Analyzer
{
    /// <summary>Common table expressions in scope, the nearest last.</summary>
    private sealed record CommonTables(IReadOnlyList<CommonTable> Tables)
    {
        public CommonTable? Find(string name) => Tables.LastOrDefault(table => Scope.Same(table.Name, name));
    }

    private Relation Query(QueryNode query, Scope? outer, IReadOnlyList<CommonTable> inScope)
    {
        var tables = new List<CommonTable>(inScope);
        foreach (var node in query.CommonTables)
        {
            if (query.CommonTables.Count(other => Scope.Same(other.Name, node.Name)) > 1)
            {
                throw Error(node.Span, "DUPLICATED_CTE_NAMES", "42602", $"CTE definition can't have duplicate names: `{node.Name}`.");
            }

            var plan = Rename(Query(node.Query, null, tables), node.Columns, node.Span);
            var table = new CommonTable(NewId(), node.Name, plan);
            _commonTables.Add(table);
            tables.Add(table);
        }

        var order = query.OrderAll ? query.OrderAllItem : null;
        var result = query.Body is SelectNode select
            ? Select(select, outer, tables, query.Order, order)
            : OrderOutput(Body(query.Body, outer, tables), query.Order, order);
        return Limit(result, query);
    }

    private Relation Body(BodyNode body, Scope? outer, IReadOnlyList<CommonTable> tables)
    {
        switch (body)
        {
            case SelectNode select:
                return Select(select, outer, tables, [], null);
            case NestedQueryNode nested:
                return Query(nested.Query, outer, tables);
            case RelationBodyNode relation:
                var (plan, scope) = From(relation.Relation, outer, tables);
                return ProjectTo(plan, scope.Visible);
            case SetNode set:
                return SetOperation(set, outer, tables);
            default:
                throw Unsupported(body.Span, "This query");
        }
    }

    /// <summary>Columns in the order and under the names of a scope.</summary>
    private ProjectRelation ProjectTo(Relation plan, IEnumerable<ScopeColumn> columns) =>
        new(plan, [.. columns.Select(column => new ComputedColumn(NewColumn(column.Name, column.Value.Type), column.Value))]);

    private Relation Rename(Relation plan, IReadOnlyList<string> names, Span span)
    {
        if (names.Count == 0)
        {
            return plan;
        }

        if (names.Count != plan.Columns.Count)
        {
            throw Error(span, "ASSIGNMENT_ARITY_MISMATCH", "42802", $"Number of column aliases ({names.Count}) does not match the number of columns ({plan.Columns.Count}).");
        }

        return new ProjectRelation(plan, [.. plan.Columns.Select((column, index) => new ComputedColumn(NewColumn(names[index], column.Type), Ref(column)))]);
    }

    private static ColumnExpression Ref(Column column) => new(column) { Pretty = column.Name };

    private SetRelation SetOperation(SetNode set, Scope? outer, IReadOnlyList<CommonTable> tables)
    {
        var left = Body(set.Left, outer, tables);
        var right = Body(set.Right, outer, tables);
        if (left.Columns.Count != right.Columns.Count)
        {
            throw Error(set.Span, "NUM_COLUMNS_MISMATCH", "42826", $"{set.Operator} can only be performed on inputs with the same number of columns, but the first input has {left.Columns.Count} columns and the second input has {right.Columns.Count} columns.");
        }

        var types = new List<DataType>();
        for (var index = 0; index < left.Columns.Count; index++)
        {
            var (a, b) = (left.Columns[index].Type, right.Columns[index].Type);
            types.Add(Coercion.Wider(a, b) ?? throw Error(set.Span, "INCOMPATIBLE_COLUMN_TYPE", "42825", $"{set.Operator} can only be performed on tables with compatible column types. The column {index + 1} of the second table is \"{PrettyText.Of(b)}\" type which is not compatible with \"{PrettyText.Of(a)}\" at the same column of the first table."));
            if (!(set.Operator == "UNION" && set.All) && types[index] is MapType)
            {
                throw Error(set.Span, "UNSUPPORTED_FEATURE.SET_OPERATION_ON_MAP_TYPE", "0A000", "Cannot have MAP type columns in DataFrame which calls set operations (INTERSECT, EXCEPT, etc.).");
            }
        }

        return new SetRelation(set.Operator, set.All, Convert(left, types), Convert(right, types), [.. left.Columns.Select((column, index) => NewColumn(column.Name, types[index]))]);
    }

    private Relation Convert(Relation plan, List<DataType> types) =>
        plan.Columns.Select((column, index) => column.Type.Equals(types[index])).All(same => same)
            ? plan
            : new ProjectRelation(plan, [.. plan.Columns.Select((column, index) => new ComputedColumn(NewColumn(column.Name, types[index]), Build.Cast(Ref(column), types[index])))]);

    /// <summary>ORDER BY over finished columns.</summary>
    private Relation OrderOutput(Relation plan, IReadOnlyList<SortNode> order, SortNode? all)
    {
        if (order.Count == 0 && all is null)
        {
            return plan;
        }

        var scope = new Scope([.. plan.Columns.Select(column => new ScopeColumn([], column.Name, Ref(column)))], null);
        var keys = all is not null
            ? plan.Columns.Select(column => SortKeyOf(all, Ref(column))).ToList()
            : order.Select(node =>
            {
                var ordinal = Ordinal(node.Expression, plan.Columns.Count, "ORDER_BY", node.Span);
                var expression = ordinal is { } place ? Ref(plan.Columns[place - 1]) : Expression(node.Expression, new ExpressionContext(scope) { Tables = [] });
                return SortKeyOf(node, expression);
            }).ToList();
        return new SortRelation(plan, keys);
    }

    private SortKey SortKeyOf(SortNode node, TypedExpression expression)
    {
        if (!Coercion.IsOrderable(expression.Type))
        {
            throw Mismatch(node.Span, "INVALID_ORDERING_TYPE", expression.Pretty, $"The `sortorder` does not support ordering on type \"{PrettyText.Of(expression.Type)}\"");
        }

        return new SortKey(expression, node.Descending, node.NullsFirst ?? !node.Descending);
    }

    /// <summary>The place that a whole number in GROUP BY or ORDER BY means, from 1; null when it is no number.</summary>
    private int? Ordinal(ExpressionNode node, int count, string clause, Span span)
    {
        if (node is not LiteralNode { Value: long place } literal || literal.Type != DataTypes.Integer)
        {
            return null;
        }

        return place >= 1 && place <= count
            ? (int)place
            : throw Error(span, $"{clause}_POS_OUT_OF_RANGE", "42805", $"{clause.Replace('_', ' ')} position {place} is not in select list (valid range is [1, {count}]).");
    }

    private Relation Limit(Relation plan, QueryNode query)
    {
        if (query.Limit is null && query.Offset is null)
        {
            return plan;
        }

        return new LimitRelation(plan, query.Limit is null ? null : LimitValue(query.Limit, "limit"), query.Offset is null ? 0 : LimitValue(query.Offset, "offset"));
    }

    private long LimitValue(ExpressionNode node, string clause)
    {
        var expression = Expression(node, new ExpressionContext(new Scope([], null)) { Tables = [] });
        if (expression is not LiteralExpression literal)
        {
            throw Unsupported(node.Span, $"A computed {clause.ToUpperInvariant()}");
        }

        if (literal.Type != DataTypes.Integer)
        {
            throw Error(node.Span, "INVALID_LIMIT_LIKE_EXPRESSION." + (literal.Value is null ? "IS_NULL" : "DATA_TYPE"), "42K0E", $"The limit like expression \"{literal.Pretty}\" is invalid. The {clause} expression must be integer type, but got \"{PrettyText.Of(literal.Type)}\".");
        }

        var value = (long)literal.Value!;
        return value >= 0 ? value : throw Error(node.Span, "INVALID_LIMIT_LIKE_EXPRESSION.IS_NEGATIVE", "42K0E", $"The limit like expression \"{literal.Pretty}\" is invalid. The {clause} expression must be equal to or greater than 0, but got {value}.");
    }
}
