using LogPipeline.Core.Lake;
using LogPipeline.Core.Query.SparkSql.Syntax;

namespace LogPipeline.Core.Query.SparkSql.Analysis;

internal sealed class Analyzer(string sql, IReadOnlyDictionary<string, TableSnapshot> tables, AnalysisContext context)
{
    public TypedStatement Analyze(StatementNode root) =>
        throw new QueryException(QueryException.UnsupportedClass, "0A000", $"{root} over {tables.Count} tables at {context.Now}: {sql}");
}
