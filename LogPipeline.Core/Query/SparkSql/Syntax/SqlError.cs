using System.Globalization;
using LogPipeline.Core.Query.SparkSql.Values;

namespace LogPipeline.Core.Query.SparkSql.Syntax;

/// <summary>Makes the errors of the front end: Spark's class, the message, and the place in the text.</summary>
internal static class SqlError
{
    public static QueryException At(string sql, Span span, string errorClass, string? sqlState, string message, IReadOnlyList<string>? suggestions = null)
    {
        var start = Math.Clamp(span.Start, 0, sql.Length);
        var line = 1;
        var column = 1;
        for (var index = 0; index < start; index++)
        {
            if (sql[index] == '\n')
            {
                line++;
                column = 1;
            }
            else
            {
                column++;
            }
        }

        return new QueryException(errorClass, sqlState, message)
        {
            Start = start,
            Length = Math.Max(0, Math.Min(span.End, sql.Length) - start),
            Line = line,
            Column = column,
            Suggestions = suggestions ?? [],
        };
    }

    public static QueryException Syntax(string sql, Token token, string? detail = null)
    {
        var near = token.Kind == TokenKind.End ? "end of input" : $"'{sql.AsSpan(token.Span.Start, token.Span.Length)}'";
        return At(sql, token.Span, "PARSE_SYNTAX_ERROR", "42601", $"Syntax error at or near {near}{(detail is null ? "" : $": {detail}")}.");
    }

    public static QueryException Unsupported(string sql, Span span, string what) =>
        At(sql, span, QueryException.UnsupportedClass, "0A000", $"{what} is not answered by the embedded engine; Spark answers it.");

    public static QueryException UnsupportedWithHint(string sql, Span span, string what, string hint) =>
        At(sql, span, QueryException.UnsupportedClass, "0A000", $"{what} is not answered by the embedded engine; Spark answers it. {hint}");

    /// <summary>A value's failure, without a place; whoever evaluates it knows the place.</summary>
    public static QueryException Value(SparkValueError error) =>
        new(error.Class, error.SqlState, error.Message);

    public static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
