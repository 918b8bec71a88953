using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.SparkSql.Syntax;

/// <summary>An expression as written.</summary>
internal abstract record ExpressionNode(Span Span);

/// <summary>A constant. Whole numbers are <see cref="long"/>, dates days, timestamps microseconds, intervals months or microseconds.</summary>
internal sealed record LiteralNode(Span Span, DataType Type, object? Value) : ExpressionNode(Span);

/// <summary><c>a</c>, <c>t.a</c>, <c>delta_lake.logs.a.field</c>.</summary>
internal sealed record NameNode(Span Span, IReadOnlyList<string> Parts) : ExpressionNode(Span);

/// <summary><c>*</c>, <c>t.*</c>, <c>* EXCEPT (a, b)</c>.</summary>
internal sealed record StarNode(Span Span, IReadOnlyList<string> Target, IReadOnlyList<NameNode> Except) : ExpressionNode(Span);

/// <summary><c>- a</c>, <c>+ a</c>, <c>~ a</c>, <c>NOT a</c>.</summary>
internal sealed record UnaryNode(Span Span, string Operator, ExpressionNode Operand) : ExpressionNode(Span);

/// <summary>An operator between two operands, in upper case.</summary>
internal sealed record BinaryNode(Span Span, string Operator, ExpressionNode Left, ExpressionNode Right) : ExpressionNode(Span);

internal sealed record BetweenNode(Span Span, ExpressionNode Operand, ExpressionNode Low, ExpressionNode High, bool Not) : ExpressionNode(Span);

internal sealed record InListNode(Span Span, ExpressionNode Operand, IReadOnlyList<ExpressionNode> Items, bool Not) : ExpressionNode(Span);

internal sealed record InQueryNode(Span Span, ExpressionNode Operand, QueryNode Query, bool Not) : ExpressionNode(Span);

/// <summary>LIKE, ILIKE or RLIKE; with a quantifier ANY or ALL it has several patterns.</summary>
internal sealed record LikeNode(Span Span, string Operator, ExpressionNode Operand, IReadOnlyList<ExpressionNode> Patterns, string? Quantifier, ExpressionNode? Escape, bool Not) : ExpressionNode(Span);

/// <summary><c>IS [NOT] NULL | TRUE | FALSE | UNKNOWN</c>.</summary>
internal sealed record IsNode(Span Span, ExpressionNode Operand, string What, bool Not) : ExpressionNode(Span);

internal sealed record IsDistinctNode(Span Span, ExpressionNode Left, ExpressionNode Right, bool Not) : ExpressionNode(Span);

internal sealed record CaseNode(Span Span, ExpressionNode? Operand, IReadOnlyList<(ExpressionNode When, ExpressionNode Then)> Branches, ExpressionNode? Else) : ExpressionNode(Span);

internal sealed record CastNode(Span Span, ExpressionNode Operand, DataType Type, bool Try) : ExpressionNode(Span);

/// <summary>A call. <c>count(*)</c> has a <see cref="StarNode"/> for its argument.</summary>
internal sealed record FunctionNode(Span Span, Span NameSpan, string Name, IReadOnlyList<ExpressionNode> Arguments) : ExpressionNode(Span)
{
    public bool Distinct { get; init; }

    public ExpressionNode? Filter { get; init; }

    public bool? IgnoreNulls { get; init; }

    public IReadOnlyList<SortNode>? WithinGroup { get; init; }

    public WindowNode? Over { get; init; }
}

/// <summary><c>(SELECT …)</c> as a value.</summary>
internal sealed record ScalarQueryNode(Span Span, QueryNode Query) : ExpressionNode(Span);

internal sealed record ExistsNode(Span Span, QueryNode Query) : ExpressionNode(Span);

/// <summary><c>(a, b)</c>.</summary>
internal sealed record RowNode(Span Span, IReadOnlyList<ExpressionNode> Items) : ExpressionNode(Span);

/// <summary><c>a[i]</c>.</summary>
internal sealed record SubscriptNode(Span Span, ExpressionNode Operand, ExpressionNode Index) : ExpressionNode(Span);

/// <summary><c>f(x).name</c>.</summary>
internal sealed record FieldNode(Span Span, ExpressionNode Operand, string Name) : ExpressionNode(Span);

/// <summary><c>(x, y) -&gt; body</c>.</summary>
internal sealed record LambdaNode(Span Span, IReadOnlyList<string> Parameters, ExpressionNode Body) : ExpressionNode(Span);

/// <summary><c>a AS name</c> as an argument of struct.</summary>
internal sealed record NamedNode(Span Span, ExpressionNode Operand, string Name) : ExpressionNode(Span);

/// <summary>An ORDER BY item.</summary>
internal sealed record SortNode(Span Span, ExpressionNode Expression, bool Descending, bool? NullsFirst);

/// <summary>What follows OVER: a name, or its own specification.</summary>
internal sealed record WindowNode(Span Span, string? Name, IReadOnlyList<ExpressionNode> Partition, IReadOnlyList<SortNode> Order, FrameNode? Frame);

/// <summary>ROWS or RANGE between two bounds.</summary>
internal sealed record FrameNode(Span Span, bool Rows, BoundNode Low, BoundNode High);

/// <summary>UNBOUNDED PRECEDING (offset null, unbounded), CURRENT ROW, or an offset.</summary>
internal sealed record BoundNode(Span Span, string Kind, ExpressionNode? Offset);
