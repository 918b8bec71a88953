using LogPipeline.Core.Lake;
using LogPipeline.Core.Query.SparkSql;

namespace LogPipeline.Core.Query.DuckDb.Generation;

/// <summary>Writes DuckDB SQL that means what a typed statement means. Nothing else ever reaches DuckDB.</summary>
internal static class DuckDbGenerator
{
    /// <summary>The SQL of a statement.</summary>
    /// <param name="statement">What the front end gave.</param>
    /// <param name="scan">Gives a FROM item with every column of a snapshot's schema, typed.</param>
    /// <exception cref="QueryException">A part of it is not known to mean the same in DuckDB.</exception>
    public static GeneratedQuery Generate(TypedStatement statement, Func<TableSnapshot, string> scan)
    {
        var writer = new RelationWriter(scan);
        var tables = statement.CommonTables.Select(table => $"{RelationWriter.TableName(table)} AS ({writer.Statement(table.Plan)})").ToList();
        var body = writer.Statement(statement.Plan);
        return new GeneratedQuery(tables.Count == 0 ? body : $"WITH {string.Join(", ", tables)} {body}", statement.Columns);
    }
}
