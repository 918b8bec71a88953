namespace LogPipeline.Core.Query.SparkSql.Syntax;

internal static class TableNames
{
    public static IReadOnlyList<string> Collect(StatementNode root) => root is null ? [] : [];
}
