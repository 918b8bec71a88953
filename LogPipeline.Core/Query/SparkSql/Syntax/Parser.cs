namespace LogPipeline.Core.Query.SparkSql.Syntax;

internal static class Parser
{
    public static StatementNode ParseStatement(string sql) =>
        throw new QueryException(QueryException.UnsupportedClass, "0A000", $"Not answered by the embedded engine yet: {sql}");
}
