using LogPipeline.Core.Query.SparkSql.Plan;

namespace LogPipeline.Core.Query.SparkSql.Analysis;

/// <summary>Finds the columns that expressions and plans use.</summary>
internal static class PlanWalker
{
    /// <summary>Columns that an expression uses, those that its subqueries take from outside among them.</summary>
    public static IEnumerable<Column> Columns(TypedExpression expression)
    {
        switch (expression)
        {
            case ColumnExpression column:
                return [column.Column];
            case LambdaExpression lambda:
                return Columns(lambda.Body).Where(column => !lambda.Parameters.Contains(column));
            case ScalarQueryExpression scalar:
                return OuterColumns(scalar.Query);
            case ExistsExpression exists:
                return OuterColumns(exists.Query);
            case InQueryExpression inQuery:
                return inQuery.Operands.SelectMany(Columns).Concat(OuterColumns(inQuery.Query));
            default:
                return expression.Children.SelectMany(Columns);
        }
    }

    /// <summary>Columns that a plan uses but does not make: what makes a subquery correlated.</summary>
    public static IReadOnlyList<Column> OuterColumns(Relation plan)
    {
        var used = new List<Column>();
        var made = new HashSet<int>();
        Walk(plan, used, made);
        return [.. used.Where(column => !made.Contains(column.Id)).DistinctBy(column => column.Id)];
    }

    private static void Walk(Relation plan, List<Column> used, HashSet<int> made)
    {
        made.UnionWith(plan.Columns.Select(column => column.Id));
        foreach (var expression in Expressions(plan))
        {
            used.AddRange(Columns(expression));
        }

        foreach (var input in Inputs(plan))
        {
            Walk(input, used, made);
        }
    }

    public static IEnumerable<Relation> Inputs(Relation plan) => plan switch
    {
        ProjectRelation project => [project.Input],
        FilterRelation filter => [filter.Input],
        AggregateRelation aggregate => [aggregate.Input],
        JoinRelation join => [join.Left, join.Right],
        SetRelation set => [set.Left, set.Right],
        DistinctRelation distinct => [distinct.Input],
        SortRelation sort => [sort.Input],
        LimitRelation limit => [limit.Input],
        _ => [],
    };

    public static IEnumerable<TypedExpression> Expressions(Relation plan) => plan switch
    {
        ProjectRelation project => project.Outputs.Select(output => output.Expression),
        FilterRelation filter => [filter.Condition],
        AggregateRelation aggregate => aggregate.Keys.Concat(aggregate.Aggregates).Select(output => output.Expression),
        JoinRelation { Condition: not null } join => [join.Condition],
        SortRelation sort => sort.Keys.Select(key => key.Expression),
        ValuesRelation values => values.Rows.SelectMany(row => row),
        _ => [],
    };
}
