using LogPipeline.Core.Query.SparkSql.Plan;
using LogPipeline.Core.Query.SparkSql.Syntax;

namespace LogPipeline.Core.Query.SparkSql.Analysis;

/// <summary>Turns the expressions of a grouped SELECT into expressions over groups: keys and aggregates become columns.</summary>
internal sealed class Grouping
{
    private readonly Analyzer _analyzer;
    private readonly Relation _input;
    private readonly HashSet<int> _inputColumns;
    private readonly bool _hasClause;
    private readonly List<ComputedColumn> _keys = [];
    private readonly Dictionary<string, ComputedColumn> _byKey = [];
    private readonly List<ComputedColumn> _aggregates = [];

    public Grouping(Analyzer analyzer, Relation input, Scope scope, IReadOnlyList<TypedExpression> keys, bool hasClause)
    {
        _analyzer = analyzer;
        _input = input;
        _hasClause = hasClause;
        _inputColumns = [.. scope.Columns.SelectMany(column => PlanWalker.Columns(column.Value)).Select(column => column.Id), .. input.Columns.Select(column => column.Id)];
        foreach (var key in keys)
        {
            if (!_byKey.ContainsKey(key.Key))
            {
                // A bare column keeps its identity, so that subqueries that name it still mean it.
                var column = key is ColumnExpression bare ? bare.Column : analyzer.NewColumn(key.Pretty, key.Type);
                var computed = new ComputedColumn(column, key);
                _keys.Add(computed);
                _byKey[key.Key] = computed;
            }
        }
    }

    public TypedExpression Rewrite(TypedExpression expression, Span span)
    {
        var rewritten = expression.Replace(part =>
        {
            if (_byKey.TryGetValue(part.Key, out var key) && part is not LiteralExpression)
            {
                return new ColumnExpression(key.Column) { Pretty = part.Pretty };
            }

            return part is AggregateExpression aggregate ? Aggregate(aggregate) : null;
        });
        Check(rewritten, span);
        return rewritten;
    }

    public AggregateRelation Finish() => new(_input, _keys, _aggregates) { Global = !_hasClause || (_keys.Count == 0) };

    private ColumnExpression Aggregate(AggregateExpression aggregate)
    {
        var known = _aggregates.Find(other => other.Expression.Key == aggregate.Key);
        if (known is null)
        {
            known = new ComputedColumn(_analyzer.NewColumn(aggregate.Pretty, aggregate.Type), aggregate);
            _aggregates.Add(known);
        }

        return new ColumnExpression(known.Column) { Pretty = aggregate.Pretty };
    }

    private void Check(TypedExpression expression, Span span)
    {
        foreach (var column in PlanWalker.Columns(expression))
        {
            if (_inputColumns.Contains(column.Id) && !_keys.Any(key => key.Column.Id == column.Id))
            {
                throw _hasClause
                    ? _analyzer.Error(span, "MISSING_AGGREGATION", "42803", $"The non-aggregating expression \"{column.Name}\" is based on columns which are not participating in the GROUP BY clause.\nAdd the columns or the expression to the GROUP BY, aggregate the expression, or use \"any_value({column.Name})\" if you do not care which of the values within a group is returned.", [$"any_value({column.Name})"])
                    : _analyzer.Error(span, "MISSING_GROUP_BY", "42803", "The query does not include a GROUP BY clause. Add GROUP BY or turn it into the window functions using OVER clauses.");
            }
        }
    }
}
