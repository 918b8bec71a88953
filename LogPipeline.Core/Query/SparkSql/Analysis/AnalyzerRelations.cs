using LogPipeline.Core.Query.SparkSql.Plan;
using LogPipeline.Core.Query.SparkSql.Syntax;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.SparkSql.Analysis;

internal sealed partial class Analyzer
{
    private (Relation Plan, Scope Scope) From(RelationNode? node, Scope? outer, IReadOnlyList<CommonTable> tables)
    {
        if (node is null)
        {
            return (new ValuesRelation([[]], []), new Scope([], outer));
        }

        var (plan, columns) = Item(node, outer, tables);
        return (plan, new Scope(columns, outer));
    }

    private (Relation Plan, IReadOnlyList<ScopeColumn> Columns) Item(RelationNode node, Scope? outer, IReadOnlyList<CommonTable> tables)
    {
        Relation plan;
        IReadOnlyList<string> qualifier;
        switch (node)
        {
            case JoinNode join:
                return Join(join, outer, tables);
            case TableNode { Parts: [var name] } when new CommonTables(tables).Find(name) is { } common:
                plan = new CommonTableRelation(common, [.. common.Plan.Columns.Select(column => NewColumn(column.Name, column.Type))]);
                qualifier = [name];
                break;
            case TableNode table:
                var snapshot = Table(table);
                plan = new ScanRelation(snapshot, [.. snapshot.Schema.Fields.Select(field => NewColumn(field.Name, field.Type))]);
                qualifier = ["spark_catalog", "delta_lake", snapshot.Name];
                break;
            case DerivedTableNode derived:
                plan = Query(derived.Query, outer, tables);
                qualifier = [];
                break;
            case ValuesNode values:
                plan = Values(values, outer, tables);
                qualifier = [];
                break;
            case TableFunctionNode function:
                plan = TableFunction(function);
                qualifier = [];
                break;
            default:
                throw Unsupported(node.Span, "This relation");
        }

        if (node.ColumnAliases.Count > 0)
        {
            plan = Rename(plan, node.ColumnAliases, node.Span);
        }

        qualifier = node.Alias is null ? qualifier : [node.Alias];
        return (plan, [.. plan.Columns.Select(column => new ScopeColumn(qualifier, column.Name, Ref(column)))]);
    }

    private ValuesRelation Values(ValuesNode node, Scope? outer, IReadOnlyList<CommonTable> tables)
    {
        var within = new ExpressionContext(new Scope([], null)) { Tables = tables };
        var rows = node.Rows.Select(row => row.Select(item => Expression(item, within)).ToList()).ToList();
        var width = rows[0].Count;
        if (rows.Any(row => row.Count != width))
        {
            throw Error(node.Span, "INVALID_INLINE_TABLE.NUM_COLUMNS_MISMATCH", "42000", $"Invalid inline table. Inline table expected {width} columns but found {rows.First(row => row.Count != width).Count} columns in a row.");
        }

        _ = outer;
        var columns = new List<Column>();
        for (var index = 0; index < width; index++)
        {
            var type = Coercion.Wider(rows.Select(row => row[index].Type))
                ?? throw Error(node.Span, "INVALID_INLINE_TABLE.INCOMPATIBLE_TYPES_IN_INLINE_TABLE", "42000", $"Invalid inline table. Found incompatible types in the column `col{index + 1}` for inline table.");
            columns.Add(NewColumn($"col{index + 1}", type));
            foreach (var row in rows)
            {
                if (row[index].Any(part => part is AggregateExpression or WindowExpression or ScalarQueryExpression))
                {
                    throw Error(node.Span, "INVALID_INLINE_TABLE.CANNOT_EVALUATE_EXPRESSION_IN_INLINE_TABLE", "42000", $"Invalid inline table. Cannot evaluate the expression \"{row[index].Pretty}\" in inline table definition.");
                }

                row[index] = Build.Cast(row[index], type);
            }
        }

        return new ValuesRelation(rows, columns);
    }

    private RangeRelation TableFunction(TableFunctionNode node)
    {
        if (!Scope.Same(node.Name, "range"))
        {
            throw Unsupported(node.Span, $"The table function {node.Name}");
        }

        var within = new ExpressionContext(new Scope([], null));
        var numbers = node.Arguments.Select(argument => Expression(argument, within) is LiteralExpression { Value: long value } literal && Coercion.IsIntegral(literal.Type) ? value : throw Unsupported(argument.Span, "A computed argument of range")).ToList();
        return numbers.Count switch
        {
            1 => new RangeRelation(0, numbers[0], 1, [NewColumn("id", DataTypes.Long)]),
            2 => new RangeRelation(numbers[0], numbers[1], 1, [NewColumn("id", DataTypes.Long)]),
            3 or 4 when numbers[2] != 0 => new RangeRelation(numbers[0], numbers[1], numbers[2], [NewColumn("id", DataTypes.Long)]),
            _ => throw Unsupported(node.Span, "This range"),
        };
    }

    private (Relation Plan, IReadOnlyList<ScopeColumn> Columns) Join(JoinNode node, Scope? outer, IReadOnlyList<CommonTable> tables)
    {
        var (left, leftColumns) = Item(node.Left, outer, tables);
        var (right, rightColumns) = Item(node.Right, outer, tables);
        var kind = Enum.Parse<JoinKind>(node.Kind, ignoreCase: true);
        IReadOnlyList<ScopeColumn> both = [.. leftColumns, .. rightColumns];
        var shared = node.Natural
            ? [.. leftColumns.Where(column => !column.Hidden && rightColumns.Any(other => !other.Hidden && Scope.Same(other.Name, column.Name))).Select(column => column.Name).Distinct(StringComparer.OrdinalIgnoreCase)]
            : node.Using;
        if (shared.Count > 0)
        {
            return JoinUsing(node, kind, left, right, leftColumns, rightColumns, shared);
        }

        TypedExpression? condition = null;
        if (node.On is not null)
        {
            condition = Condition(node.On, new ExpressionContext(new Scope(both, outer)) { Tables = tables }, "JOIN");
            kind = kind == JoinKind.Cross ? JoinKind.Inner : kind;
        }
        else if (kind == JoinKind.Inner)
        {
            kind = JoinKind.Cross;
        }

        return (new JoinRelation(kind, left, right, condition), kind is JoinKind.Semi or JoinKind.Anti ? leftColumns : both);
    }

    /// <summary>USING and NATURAL: each key appears once and first; both sides stay within reach of their qualifiers.</summary>
    private (Relation Plan, IReadOnlyList<ScopeColumn> Columns) JoinUsing(JoinNode node, JoinKind kind, Relation left, Relation right, IReadOnlyList<ScopeColumn> leftColumns, IReadOnlyList<ScopeColumn> rightColumns, IReadOnlyList<string> names)
    {
        TypedExpression? condition = null;
        var keys = new List<ScopeColumn>();
        foreach (var name in names)
        {
            var (a, b) = (Key(leftColumns, name, "left"), Key(rightColumns, name, "right"));
            var type = Coercion.Wider(a.Value.Type, b.Value.Type)
                ?? throw Mismatch(node.Span, "BINARY_OP_DIFF_TYPES", $"({name} = {name})", $"the left and right operands of the binary operator have incompatible types (\"{PrettyText.Of(a.Value.Type)}\" and \"{PrettyText.Of(b.Value.Type)}\")");
            var equal = Compare("=", Build.Cast(a.Value, type), Build.Cast(b.Value, type));
            condition = condition is null ? equal : Build.And(condition, equal);
            var value = kind switch
            {
                JoinKind.Right => b.Value,
                JoinKind.Full => new CallExpression("coalesce", [Build.Cast(a.Value, type), Build.Cast(b.Value, type)], type) { Pretty = name },
                _ => a.Value,
            };
            keys.Add(new ScopeColumn([], kind == JoinKind.Right ? b.Name : a.Name, value));
        }

        var join = new JoinRelation(kind == JoinKind.Cross ? JoinKind.Inner : kind, left, right, condition);
        ScopeColumn Hide(ScopeColumn column) => names.Any(name => Scope.Same(name, column.Name)) && !column.Hidden ? column with { Hidden = true } : column;
        return (join, kind is JoinKind.Semi or JoinKind.Anti
            ? [.. keys, .. leftColumns.Select(Hide)]
            : [.. keys, .. leftColumns.Select(Hide), .. rightColumns.Select(Hide)]);

        ScopeColumn Key(IReadOnlyList<ScopeColumn> columns, string name, string side)
        {
            var found = columns.Where(column => !column.Hidden && Scope.Same(column.Name, name)).ToList();
            return found.Count switch
            {
                1 => found[0],
                0 => throw Error(node.Span, "UNRESOLVED_USING_COLUMN_FOR_JOIN", "42703", $"USING column `{name}` cannot be resolved on the {side} side of the join.", Similar.Names(name, columns.Select(column => column.Name))),
                _ => throw Error(node.Span, "AMBIGUOUS_REFERENCE", "42704", $"Reference `{name}` is ambiguous."),
            };
        }
    }
}
