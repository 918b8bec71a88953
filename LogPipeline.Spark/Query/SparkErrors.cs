using LogPipeline.Core.Query;
using LogPipeline.Core.Query.SparkSql.Syntax;
using LogPipeline.Spark.Connect;

namespace LogPipeline.Spark.Query;

/// <summary>Spark's errors as those of a query: class, state, the message for a person, and the place in the text.</summary>
internal static class SparkErrors
{
    /// <summary>The server was lost while the statement ran.</summary>
    public const string LostClass = "SPARK_CONNECTION_LOST";

    /// <summary>There is no server to run it.</summary>
    public const string UnavailableClass = "SPARK_NOT_AVAILABLE";

    /// <summary>Class of an error that Spark gives none.</summary>
    private const string NoClass = "SPARK_ERROR";

    /// <summary>The error of a statement.</summary>
    public static QueryException Translate(string sql, SparkException failure)
    {
        // A failed stage wraps the error of the row that failed.
        var cause = failure;
        while (cause.ErrorClass is null && cause.InnerException is SparkException inner)
        {
            cause = inner;
        }

        var errorClass = cause.ErrorClass ?? NoClass;
        var message = MessageOf(cause);
        if (cause.QueryContexts.FirstOrDefault(context => context.ObjectType.Length == 0 && context.StartIndex >= 0 && context.StopIndex < sql.Length) is { } context)
        {
            return SqlError.At(sql, new Span(context.StartIndex, context.StopIndex + 1), errorClass, cause.SqlState, message);
        }

        return cause.Line is { } line && cause.Column is { } column && StartOf(sql, line, column) is >= 0 and var start
            ? SqlError.At(sql, WordAt(sql, start), errorClass, cause.SqlState, message)
            : new QueryException(errorClass, cause.SqlState, message);
    }

    /// <summary>
    /// The first of <c>[DIVIDE_BY_ZERO] Division by zero. … SQLSTATE: 22012\n== SQL (line 1, position 8) ==\nSELECT …</c>, without class, state and text.
    /// </summary>
    private static string MessageOf(SparkException failure)
    {
        var message = failure.Message;
        if (failure.ErrorClass is { } name && message.StartsWith($"[{name}]", StringComparison.Ordinal))
        {
            message = message[(name.Length + 2)..];
        }

        foreach (var mark in new[] { " SQLSTATE: ", "\n== SQL", "(line " })
        {
            var end = message.IndexOf(mark, StringComparison.Ordinal);
            message = end > 0 ? message[..end] : message;
        }

        return message.Trim();
    }

    private static int StartOf(string sql, int line, int column)
    {
        var start = 0;
        for (var current = 1; current < line; current++)
        {
            var end = sql.IndexOf('\n', start);
            if (end < 0)
            {
                return -1;
            }

            start = end + 1;
        }

        return Math.Min(start + column - 1, sql.Length);
    }

    private static Span WordAt(string sql, int start)
    {
        var end = start;
        while (end < sql.Length && (char.IsLetterOrDigit(sql[end]) || sql[end] == '_'))
        {
            end++;
        }

        return new Span(start, Math.Min(sql.Length, Math.Max(end, start + 1)));
    }
}
