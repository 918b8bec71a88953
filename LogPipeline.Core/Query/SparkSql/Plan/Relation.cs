using LogPipeline.Core.Lake;

namespace LogPipeline.Core.Query.SparkSql.Plan;

/// <summary>Rows with typed columns.</summary>
/// <param name="Columns">The columns, in order.</param>
internal abstract record Relation(IReadOnlyList<Column> Columns);

/// <summary>All rows of a table's snapshot; the columns are those of its schema.</summary>
internal sealed record ScanRelation(TableSnapshot Snapshot, IReadOnlyList<Column> Columns) : Relation(Columns);

/// <summary>Rows written out; expressions of constants, or without columns one row.</summary>
internal sealed record ValuesRelation(IReadOnlyList<IReadOnlyList<TypedExpression>> Rows, IReadOnlyList<Column> Columns) : Relation(Columns);

/// <summary>Whole numbers from a start up to but without an end.</summary>
internal sealed record RangeRelation(long Start, long End, long Step, IReadOnlyList<Column> Columns) : Relation(Columns);

internal sealed record ProjectRelation(Relation Input, IReadOnlyList<ComputedColumn> Outputs) : Relation([.. Outputs.Select(output => output.Column)]);

internal sealed record FilterRelation(Relation Input, TypedExpression Condition) : Relation(Input.Columns);

/// <summary>One row a group; without keys one row in all.</summary>
internal sealed record AggregateRelation(Relation Input, IReadOnlyList<ComputedColumn> Keys, IReadOnlyList<ComputedColumn> Aggregates)
    : Relation([.. Keys.Select(key => key.Column), .. Aggregates.Select(aggregate => aggregate.Column)])
{
    /// <summary>Whether there are no keys in the text, so that no row makes one group.</summary>
    public bool Global { get; init; }
}

internal enum JoinKind
{
    Inner,
    Left,
    Right,
    Full,
    Cross,
    Semi,
    Anti,
}

/// <summary>A join; SEMI and ANTI keep the left columns only.</summary>
internal sealed record JoinRelation(JoinKind Kind, Relation Left, Relation Right, TypedExpression? Condition)
    : Relation(Kind is JoinKind.Semi or JoinKind.Anti ? Left.Columns : [.. Left.Columns, .. Right.Columns]);

/// <summary>UNION, INTERSECT or EXCEPT of inputs with equal types.</summary>
internal sealed record SetRelation(string Operator, bool All, Relation Left, Relation Right, IReadOnlyList<Column> Columns) : Relation(Columns);

internal sealed record DistinctRelation(Relation Input) : Relation(Input.Columns);

internal sealed record SortRelation(Relation Input, IReadOnlyList<SortKey> Keys) : Relation(Input.Columns);

internal sealed record LimitRelation(Relation Input, long? Count, long Offset) : Relation(Input.Columns);

/// <summary>The rows of a common table expression.</summary>
internal sealed record CommonTableRelation(CommonTable Table, IReadOnlyList<Column> Columns) : Relation(Columns);

/// <summary>A common table expression; analysed once, read by any number of <see cref="CommonTableRelation"/>.</summary>
internal sealed record CommonTable(int Id, string Name, Relation Plan);
