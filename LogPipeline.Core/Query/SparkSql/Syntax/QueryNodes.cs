namespace LogPipeline.Core.Query.SparkSql.Syntax;

/// <summary>A statement as written.</summary>
internal abstract record StatementNode(Span Span);

internal sealed record QueryStatement(Span Span, QueryNode Query) : StatementNode(Span);

internal sealed record ExplainStatement(Span Span, QueryNode Query) : StatementNode(Span);

internal sealed record ShowTablesStatement(Span Span, string? Schema, Span SchemaSpan, string? Pattern) : StatementNode(Span);

internal sealed record ShowColumnsStatement(Span Span, TableNode Table) : StatementNode(Span);

internal sealed record ShowSchemasStatement(Span Span, string? Pattern) : StatementNode(Span);

internal sealed record ShowCatalogsStatement(Span Span, string? Pattern) : StatementNode(Span);

internal sealed record DescribeTableStatement(Span Span, TableNode Table, NameNode? Column) : StatementNode(Span);

internal sealed record DescribeQueryStatement(Span Span, QueryNode Query) : StatementNode(Span);

/// <summary>A whole query: WITH, a body, ORDER BY, LIMIT and OFFSET.</summary>
internal sealed record QueryNode(Span Span, IReadOnlyList<CommonTableNode> CommonTables, BodyNode Body)
{
    public IReadOnlyList<SortNode> Order { get; init; } = [];

    public bool OrderAll { get; init; }

    public SortNode? OrderAllItem { get; init; }

    public ExpressionNode? Limit { get; init; }

    public ExpressionNode? Offset { get; init; }
}

internal sealed record CommonTableNode(Span Span, string Name, IReadOnlyList<string> Columns, QueryNode Query);

/// <summary>What makes rows in a query.</summary>
internal abstract record BodyNode(Span Span);

internal sealed record SelectNode(Span Span, bool Distinct, IReadOnlyList<SelectItemNode> Items, RelationNode? From) : BodyNode(Span)
{
    public ExpressionNode? Where { get; init; }

    public IReadOnlyList<ExpressionNode> GroupBy { get; init; } = [];

    public Span GroupBySpan { get; init; }

    public bool GroupByAll { get; init; }

    public ExpressionNode? Having { get; init; }

    public IReadOnlyList<(string Name, WindowNode Window)> Windows { get; init; } = [];

    public ExpressionNode? Qualify { get; init; }
}

internal sealed record SelectItemNode(Span Span, ExpressionNode Expression, string? Alias);

/// <summary>UNION, INTERSECT or EXCEPT.</summary>
internal sealed record SetNode(Span Span, string Operator, bool All, BodyNode Left, BodyNode Right) : BodyNode(Span);

internal sealed record NestedQueryNode(Span Span, QueryNode Query) : BodyNode(Span);

/// <summary><c>VALUES …</c>, <c>TABLE t</c> as a whole query: a relation and all its columns.</summary>
internal sealed record RelationBodyNode(Span Span, RelationNode Relation) : BodyNode(Span);

/// <summary>An item of FROM.</summary>
internal abstract record RelationNode(Span Span)
{
    public string? Alias { get; init; }

    public IReadOnlyList<string> ColumnAliases { get; init; } = [];
}

internal sealed record TableNode(Span Span, IReadOnlyList<string> Parts) : RelationNode(Span)
{
    public string Name => string.Join('.', Parts);
}

internal sealed record DerivedTableNode(Span Span, QueryNode Query) : RelationNode(Span);

internal sealed record ValuesNode(Span Span, IReadOnlyList<IReadOnlyList<ExpressionNode>> Rows) : RelationNode(Span);

internal sealed record TableFunctionNode(Span Span, string Name, IReadOnlyList<ExpressionNode> Arguments) : RelationNode(Span);

/// <summary>A join; the kind is INNER, LEFT, RIGHT, FULL, CROSS, SEMI or ANTI.</summary>
internal sealed record JoinNode(Span Span, string Kind, RelationNode Left, RelationNode Right) : RelationNode(Span)
{
    public ExpressionNode? On { get; init; }

    public IReadOnlyList<string> Using { get; init; } = [];

    public bool Natural { get; init; }
}
