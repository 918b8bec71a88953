using LogPipeline.Core.Lake;
using LogPipeline.Core.Query.SparkSql.Analysis;
using LogPipeline.Core.Query.SparkSql.Syntax;

namespace LogPipeline.Core.Query.SparkSql;

/// <summary>Reads Spark SQL: text to syntax, syntax to a typed plan. Knows no engine.</summary>
public static class SparkSqlFrontEnd
{
    /// <summary>Reads one read-only statement.</summary>
    /// <exception cref="QueryException">The text is no statement, or one that is not answered here; with its place.</exception>
    public static ParsedStatement Parse(string sql)
    {
        ArgumentNullException.ThrowIfNull(sql);
        return new ParsedStatement(sql, Parser.ParseStatement(sql));
    }

    /// <summary>Resolves names and types as Spark does.</summary>
    /// <param name="statement">What <see cref="Parse"/> gave.</param>
    /// <param name="tables">The snapshot of each existing table of <see cref="ParsedStatement.Tables"/>, by the name as written.</param>
    /// <param name="context">The moment and the catalog.</param>
    /// <exception cref="QueryException">The statement is wrong, or not answered here; with Spark's error class and the place.</exception>
    public static TypedStatement Analyze(ParsedStatement statement, IReadOnlyDictionary<string, TableSnapshot> tables, AnalysisContext context)
    {
        ArgumentNullException.ThrowIfNull(statement);
        ArgumentNullException.ThrowIfNull(tables);
        ArgumentNullException.ThrowIfNull(context);
        try
        {
            return new Analyzer(statement.Sql, tables, context).Analyze(statement.Root);
        }
        catch (QueryException failure) when (failure.ErrorClass != QueryException.UnsupportedClass && UnansweredCalls.First(statement.Root) is { } call)
        {
            // A function that is not answered here may be what makes the rest right, as window() makes a column "window".
            throw SqlError.Unsupported(statement.Sql, call.NameSpan, $"The function {call.Name.ToLowerInvariant()}");
        }
    }
}
