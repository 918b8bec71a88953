using LogPipeline.Core.Query.SparkSql.Functions;
using LogPipeline.Core.Query.SparkSql.Syntax;

namespace LogPipeline.Core.Query.SparkSql.Analysis;

/// <summary>Finds calls of functions that Spark has and that are not answered here.</summary>
internal static class UnansweredCalls
{
    public static FunctionNode? First(StatementNode root) => SyntaxWalk.Nodes(root).OfType<FunctionNode>()
        .FirstOrDefault(call => FunctionLibrary.Find(call.Name) is null && SparkFunctionIndex.Contains(call.Name));
}
