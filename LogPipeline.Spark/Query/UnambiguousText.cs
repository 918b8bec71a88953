using System.Text;
using LogPipeline.Core.Query.SparkSql.Syntax;

namespace LogPipeline.Spark.Query;

/// <summary>Refuses text that Spark's lexer could cut into other tokens than ours does, so that nothing can hide from the check.</summary>
/// <remarks>
/// The two differ in these places, each of which could hide a statement in what ours takes for a comment, a text or a name:
/// a hint (<c>/*+ … */</c>), whose content Spark reads as tokens, and which does not nest within a comment; a line comment, which for Spark
/// also ends at a lone carriage return, and goes on behind a backslash at the line's end; a backslash in <c>x'…'</c>; letters outside
/// of ASCII in bare words, some of which Spark's upper case turns into ASCII (<c>ſ</c> is S, <c>ı</c> is I); and <c>${…}</c>, which
/// Spark replaces before it reads anything.
/// What ours refuses to read at all, such as <c>$</c> outside of a text, never gets here.
/// </remarks>
internal static class UnambiguousText
{
    public static void Check(string sql, IReadOnlyList<Token> tokens)
    {
        if (sql.IndexOf("${", StringComparison.Ordinal) is >= 0 and var variable)
        {
            throw Refuse(sql, variable, 2, "${…} stands for a variable of Spark; write it as concat('$', '{…}').");
        }

        var at = 0;
        foreach (var token in tokens)
        {
            CheckBlanks(sql, at, token.Span.Start);
            CheckToken(sql, token);
            at = token.Span.End;
        }
    }

    private static void CheckToken(string sql, Token token)
    {
        if (token.Kind == TokenKind.Word && !Ascii.IsValid(token.Text))
        {
            throw Refuse(sql, token.Span.Start, token.Text.Length, "Names with letters outside of ASCII are written in back quotes.");
        }

        if (token.Kind == TokenKind.Binary && sql.AsSpan(token.Span.Start, token.Span.Length).Contains('\\'))
        {
            throw Refuse(sql, token.Span.Start, token.Span.Length, "A binary literal holds hexadecimal digits only.");
        }
    }

    /// <summary>What stands between two tokens: blanks and comments.</summary>
    private static void CheckBlanks(string sql, int start, int end)
    {
        var at = start;
        while (at < end)
        {
            at = StartsAt(sql, at, "--") ? BehindLine(sql, at, end)
                : StartsAt(sql, at, "/*+") ? BehindHint(sql, at, end)
                : StartsAt(sql, at, "/*") ? BehindComment(sql, at, end)
                : at + 1;
        }
    }

    private static int BehindLine(string sql, int start, int end)
    {
        var stop = sql.IndexOf('\n', start, end - start);
        stop = stop < 0 ? end : stop;
        var line = sql.AsSpan(start, stop - start);
        line = line.EndsWith("\r", StringComparison.Ordinal) ? line[..^1] : line;
        return line.Contains('\r') ? throw Refuse(sql, start + line.IndexOf('\r'), 1, "A line ends with a line feed.")
            : line.EndsWith("\\", StringComparison.Ordinal) ? throw Refuse(sql, start + line.Length - 1, 1, "A comment of one line does not end with a backslash.")
            : stop;
    }

    private static int BehindHint(string sql, int start, int end)
    {
        var stop = sql.IndexOf("*/", start + 3, end - start - 3, StringComparison.Ordinal);
        foreach (var character in sql.AsSpan(start + 3, stop - start - 3))
        {
            if (!char.IsAsciiLetterOrDigit(character) && !" \t\r\n_,.()".Contains(character, StringComparison.Ordinal))
            {
                throw Refuse(sql, start, stop + 2 - start, "A hint holds names, numbers, commas and brackets only.");
            }
        }

        return stop + 2;
    }

    private static int BehindComment(string sql, int start, int end)
    {
        var depth = 0;
        var at = start;
        do
        {
            if (depth > 0 && StartsAt(sql, at, "/*+"))
            {
                throw Refuse(sql, at, 3, "A hint does not stand within a comment.");
            }

            var (opens, closes) = (StartsAt(sql, at, "/*"), StartsAt(sql, at, "*/"));
            depth += opens ? 1 : closes ? -1 : 0;
            at += opens || closes ? 2 : 1;
        }
        while (depth > 0 && at < end);
        return at;
    }

    private static bool StartsAt(string sql, int at, string text) => string.CompareOrdinal(sql, at, text, 0, text.Length) == 0;

    private static Core.Query.QueryException Refuse(string sql, int start, int length, string what) =>
        SqlError.At(sql, new Span(start, start + length), StatementCheck.RefusedClass, "0A000", what);
}
