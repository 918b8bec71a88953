using LogPipeline.Core.Lake;
using LogPipeline.Core.Query.DuckDb.Engine;
using LogPipeline.Core.Query.SparkSql.Plan;

namespace LogPipeline.Core.Query.DuckDb.Generation;

/// <summary>Writes relations as SELECT statements. Each column is named by its number, so that no name can mean two things.</summary>
internal sealed class RelationWriter
{
    private readonly Func<TableSnapshot, string> _scan;
    private readonly ExpressionWriter _expressions;
    private int _alias;

    public RelationWriter(Func<TableSnapshot, string> scan)
    {
        _scan = scan;
        _expressions = new ExpressionWriter(this);
    }

    public static string Name(Column column) => $"c{column.Id}";

    /// <summary>A SELECT with exactly the columns of the relation, in order.</summary>
    public string Statement(Relation relation) => relation switch
    {
        ScanRelation scan => Scan(scan),
        ValuesRelation values => Values(values),
        RangeRelation range => $"SELECT range AS {Name(range.Columns[0])} FROM range(CAST('{SqlText.Number(range.Start)}' AS BIGINT), CAST('{SqlText.Number(range.End)}' AS BIGINT), CAST('{SqlText.Number(range.Step)}' AS BIGINT))",
        ProjectRelation { Input: SortRelation sort } project => $"SELECT {Outputs(project.Outputs)} FROM {Item(sort.Input)} ORDER BY {Keys(sort.Keys)}",
        ProjectRelation project => $"SELECT {Outputs(project.Outputs)} FROM {Item(project.Input)}",
        FilterRelation filter => $"SELECT {List(filter.Columns)} FROM {Item(filter.Input)} WHERE {_expressions.Filter(filter.Condition)}",
        AggregateRelation aggregate => Aggregate(aggregate),
        JoinRelation join => Join(join),
        SetRelation set => $"SELECT {string.Join(", ", set.Columns.Select((column, index) => $"{Name(set.Left.Columns[index])} AS {Name(column)}"))} FROM {Item(set.Left)} {set.Operator}{(set.All ? " ALL" : "")} SELECT {List(set.Right.Columns)} FROM {Item(set.Right)}",
        DistinctRelation distinct => $"SELECT DISTINCT {List(distinct.Columns)} FROM {Item(distinct.Input)}",
        SortRelation sort => $"SELECT {List(sort.Columns)} FROM {Item(sort.Input)} ORDER BY {Keys(sort.Keys)}",
        LimitRelation limit => Limit(limit),
        CommonTableRelation table => $"SELECT {string.Join(", ", table.Columns.Select((column, index) => $"{Name(table.Table.Plan.Columns[index])} AS {Name(column)}"))} FROM {TableName(table.Table)}",
        _ => throw new InvalidOperationException($"A relation of {relation.GetType()}."),
    };

    public static string TableName(CommonTable table) => $"cte{table.Id}";

    private string Item(Relation relation) => $"({Statement(relation)}) AS t{++_alias}";

    private static string List(IReadOnlyList<Column> columns) => columns.Count == 0 ? "1 AS nothing" : string.Join(", ", columns.Select(Name));

    private string Outputs(IReadOnlyList<ComputedColumn> outputs) => outputs.Count == 0
        ? "1 AS nothing"
        : string.Join(", ", outputs.Select(output => output.Expression is ColumnExpression same && same.Column.Id == output.Column.Id ? Name(output.Column) : $"{_expressions.Write(output.Expression)} AS {Name(output.Column)}"));

    public string Keys(IReadOnlyList<SortKey> keys) =>
        string.Join(", ", keys.Select(key => $"{_expressions.Sortable(key.Expression)} {(key.Descending ? "DESC" : "ASC")} NULLS {(key.NullsFirst ? "FIRST" : "LAST")}"));

    private string Scan(ScanRelation scan)
    {
        var columns = scan.Columns.Select((column, index) => $"{DuckDbSql.Identifier(scan.Snapshot.Schema.Fields[index].Name)} AS {Name(column)}");
        return $"SELECT {string.Join(", ", columns)} FROM {_scan(scan.Snapshot)} AS t{++_alias}";
    }

    private string Values(ValuesRelation values)
    {
        if (values.Columns.Count == 0)
        {
            return "SELECT 1 AS nothing";
        }

        if (values.Rows.Count == 0)
        {
            return $"SELECT {string.Join(", ", values.Columns.Select(column => $"{SqlText.Cast("NULL", column.Type)} AS {Name(column)}"))} WHERE FALSE";
        }

        var rows = values.Rows.Select(row => $"({string.Join(", ", row.Select(_expressions.Write))})");
        return $"SELECT {string.Join(", ", values.Columns.Select(column => $"{SqlText.Cast(Name(column), column.Type)} AS {Name(column)}"))} FROM (VALUES {string.Join(", ", rows)}) AS t{++_alias}({List(values.Columns)})";
    }

    private string Aggregate(AggregateRelation aggregate)
    {
        var outputs = aggregate.Keys.Concat(aggregate.Aggregates).ToList();
        var list = outputs.Count == 0 ? "count(*) AS nothing" : Outputs(outputs);
        var groups = aggregate.Keys.Count == 0 ? "" : $" GROUP BY {string.Join(", ", Enumerable.Range(1, aggregate.Keys.Count))}";
        return $"SELECT {list} FROM {Item(aggregate.Input)}{groups}";
    }

    private string Join(JoinRelation join)
    {
        var kind = join.Kind switch
        {
            JoinKind.Inner => "JOIN",
            JoinKind.Left => "LEFT JOIN",
            JoinKind.Right => "RIGHT JOIN",
            JoinKind.Full => "FULL JOIN",
            JoinKind.Cross => "CROSS JOIN",
            JoinKind.Semi => "SEMI JOIN",
            _ => "ANTI JOIN",
        };
        var on = join.Kind == JoinKind.Cross ? "" : $" ON {(join.Condition is null ? "TRUE" : _expressions.Filter(join.Condition))}";
        return $"SELECT {List(join.Columns)} FROM {Item(join.Left)} {kind} {Item(join.Right)}{on}";
    }

    private string Limit(LimitRelation limit)
    {
        var inner = limit.Input is LimitRelation ? $"SELECT {List(limit.Columns)} FROM {Item(limit.Input)}" : Statement(limit.Input);
        return $"{inner}{(limit.Count is { } count ? $" LIMIT {SqlText.Number(count)}" : "")}{(limit.Offset > 0 ? $" OFFSET {SqlText.Number(limit.Offset)}" : "")}";
    }
}
