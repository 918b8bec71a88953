using LogPipeline.Core.Query.SparkSql.Plan;

namespace LogPipeline.Core.Query.SparkSql.Analysis;

/// <summary>Prints a plan for EXPLAIN.</summary>
internal static class PlanText
{
    public static void Write(Relation relation, List<string> lines, int depth = 0)
    {
        var (text, inputs) = relation switch
        {
            ScanRelation scan => ($"Relation delta_lake.{scan.Snapshot.Name} version {scan.Snapshot.Version}, {scan.Snapshot.Files.Count} {(scan.Snapshot.Files.Count == 1 ? "file" : "files")}", (Relation[])[]),
            ProjectRelation project => ($"Project [{string.Join(", ", project.Outputs.Select(output => $"{output.Expression.Pretty} AS {output.Column}"))}]", [project.Input]),
            FilterRelation filter => ($"Filter {filter.Condition.Pretty}", [filter.Input]),
            AggregateRelation aggregate => ($"Aggregate [{string.Join(", ", aggregate.Keys.Select(key => key.Expression.Pretty))}], [{string.Join(", ", aggregate.Aggregates.Select(output => output.Expression.Pretty))}]", [aggregate.Input]),
            JoinRelation join => ($"Join {join.Kind}{(join.Condition is null ? "" : $", {join.Condition.Pretty}")}", [join.Left, join.Right]),
            SetRelation set => ($"{set.Operator}{(set.All ? " ALL" : "")}", [set.Left, set.Right]),
            SortRelation sort => ($"Sort [{string.Join(", ", sort.Keys.Select(key => $"{key.Expression.Pretty} {(key.Descending ? "DESC" : "ASC")} NULLS {(key.NullsFirst ? "FIRST" : "LAST")}"))}]", [sort.Input]),
            LimitRelation limit => ($"Limit {limit.Count}{(limit.Offset > 0 ? $" Offset {limit.Offset}" : "")}", [limit.Input]),
            DistinctRelation distinct => ("Distinct", [distinct.Input]),
            CommonTableRelation table => ($"CTERelation {table.Table.Name}", []),
            ValuesRelation values => ($"LocalRelation {values.Rows.Count} rows", []),
            _ => (relation.GetType().Name, []),
        };
        lines.Add($"{(depth == 0 ? "" : new string(' ', (depth - 1) * 3) + "+- ")}{text}");
        foreach (var input in inputs)
        {
            Write(input, lines, depth + 1);
        }
    }
}
