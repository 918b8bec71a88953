using LogPipeline.Core.Query.SparkSql.Plan;
using LogPipeline.Core.Query.SparkSql.Syntax;

namespace LogPipeline.Core.Query.SparkSql.Analysis;

/// <summary>What an expression may name.</summary>
internal sealed record ExpressionContext(Scope Scope)
{
    /// <summary>Aliases of the select list: what a name means when it is no column.</summary>
    public Func<string, TypedExpression?>? Alias { get; init; }

    /// <summary>Whether aliases win over columns, as in ORDER BY and HAVING.</summary>
    public bool AliasFirst { get; init; }

    /// <summary>Named windows.</summary>
    public IReadOnlyList<(string Name, WindowNode Window)> Windows { get; init; } = [];

    /// <summary>Common table expressions that subqueries can read.</summary>
    public IReadOnlyList<CommonTable> Tables { get; init; } = [];

    /// <summary>Parameters of the lambdas around it.</summary>
    public IReadOnlyList<Column> Parameters { get; init; } = [];
}
