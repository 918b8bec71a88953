using LogPipeline.Core.Lake;
using LogPipeline.Core.Query.SparkSql;

namespace LogPipeline.Core.Query.DuckDb.Generation;

/// <summary>Writes DuckDB SQL that means what a typed statement means. Nothing else ever reaches DuckDB.</summary>
internal static class DuckDbGenerator
{
    /// <summary>The SQL of a statement.</summary>
    /// <param name="statement">What the front end gave.</param>
    /// <param name="scan">Gives a FROM item with every column of a snapshot's schema, typed.</param>
    public static GeneratedQuery Generate(TypedStatement statement, Func<TableSnapshot, string> scan) =>
        throw new QueryException(QueryException.UnsupportedClass, "0A000", $"{statement.Columns.Count} {scan.Method.Name}");
}
