using LogPipeline.Core.Query.SparkSql.Plan;

namespace LogPipeline.Core.Query.SparkSql.Functions;

/// <summary>What a function works over.</summary>
internal enum FunctionKind
{
    Scalar,
    Aggregate,
    Window,
}

/// <summary>One function of Spark SQL that is answered here.</summary>
/// <param name="Name">Name in lower case.</param>
/// <param name="Kind">What it works over.</param>
/// <param name="Least">Arguments at least.</param>
/// <param name="Most">Arguments at most.</param>
/// <param name="Signature">How it is called, for people.</param>
/// <param name="Description">One line for people.</param>
/// <param name="Resolve">Types a call as Spark does.</param>
internal sealed record FunctionDefinition(string Name, FunctionKind Kind, int Least, int Most, string Signature, string Description, Func<FunctionCall, TypedExpression> Resolve)
{
    public IReadOnlyList<string> Aliases { get; init; } = [];
}
