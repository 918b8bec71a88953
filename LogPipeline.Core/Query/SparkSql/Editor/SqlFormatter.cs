using System.Text;
using LogPipeline.Core.Query.SparkSql.Syntax;

namespace LogPipeline.Core.Query.SparkSql.Editor;

/// <summary>Lays a statement out: one clause a line, subqueries indented, keywords of clauses in capitals. Every token stays as it was written.</summary>
internal static class SqlFormatter
{
    private static readonly HashSet<string> _clauses = new(StringComparer.OrdinalIgnoreCase)
    {
        "SELECT", "FROM", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "UNION", "INTERSECT", "EXCEPT", "QUALIFY", "WINDOW",
        "LEFT", "RIGHT", "FULL", "INNER", "CROSS", "SEMI", "ANTI", "JOIN",
    };

    private static readonly HashSet<string> _words = new(_clauses, StringComparer.OrdinalIgnoreCase) { "BY", "AS", "AND", "OR", "NOT", "ON", "OUTER", "WITH", "DISTINCT", "ALL" };

    public static string Format(string sql)
    {
        List<Token> tokens;
        try
        {
            tokens = Lexer.Read(sql);
            SparkSqlFrontEnd.Parse(sql);
        }
        catch (QueryException)
        {
            return sql;
        }

        if (HasComments(sql, tokens))
        {
            return sql;
        }

        var text = new StringBuilder();
        var subqueries = new Stack<bool>();
        for (var index = 0; index < tokens.Count - 1; index++)
        {
            var token = tokens[index];
            var previous = index == 0 ? default : tokens[index - 1];
            var top = subqueries.Count == 0 || subqueries.Peek();
            var depth = subqueries.Count(one => one);
            if (token.Is(")") && subqueries.TryPop(out var was) && was)
            {
                Break(text, depth - 1);
            }
            else if (index > 0 && top && token.Kind == TokenKind.Word && _clauses.Contains(token.Text) && StartsLine(tokens, index))
            {
                Break(text, depth);
            }
            else if (index > 0 && Spaced(previous, token))
            {
                text.Append(' ');
            }

            text.Append(token.Kind == TokenKind.Word && top && _words.Contains(token.Text) ? token.Text.ToUpperInvariant() : sql.AsSpan(token.Span.Start, token.Span.Length));
            if (token.Is("("))
            {
                var query = tokens[index + 1].Is("SELECT") || tokens[index + 1].Is("WITH");
                subqueries.Push(query);
                if (query)
                {
                    Break(text, subqueries.Count(one => one));
                }
            }
        }

        return text.ToString();
    }

    /// <summary>Goes to a new line, unless the line is still empty.</summary>
    private static void Break(StringBuilder text, int depth)
    {
        var end = text.Length;
        while (end > 0 && text[end - 1] == ' ')
        {
            end--;
        }

        if (end > 0 && text[end - 1] != '\n')
        {
            text.Append('\n').Append(' ', Math.Max(0, depth) * 2);
        }
    }

    /// <summary>LEFT JOIN is one clause, IS DISTINCT FROM and left(x, 1) are none, and ORDER must be followed by BY.</summary>
    private static bool StartsLine(List<Token> tokens, int index)
    {
        var (token, previous, next) = (tokens[index], tokens[index - 1], tokens[index + 1]);
        if (previous.Is(".") || next.Is(".") || previous.Is("AS") || (next.Is("(") && (token.Is("LEFT") || token.Is("RIGHT"))) || (previous.Is("DISTINCT") && token.Is("FROM")) || (previous.Is("*") && token.Is("EXCEPT")))
        {
            return false;
        }

        if (token.Is("GROUP") || token.Is("ORDER"))
        {
            return next.Is("BY");
        }

        return !(previous.Kind == TokenKind.Word && (previous.Is("LEFT") || previous.Is("RIGHT") || previous.Is("FULL") || previous.Is("INNER") || previous.Is("CROSS") || previous.Is("SEMI") || previous.Is("ANTI") || previous.Is("OUTER")))
            && (!(token.Is("LEFT") || token.Is("RIGHT") || token.Is("FULL") || token.Is("INNER") || token.Is("CROSS") || token.Is("SEMI") || token.Is("ANTI")) || next.Is("JOIN") || next.Is("OUTER") || next.Is("SEMI") || next.Is("ANTI"));
    }

    private static bool Spaced(Token previous, Token token) =>
        !(previous.Is("(") || previous.Is("[") || previous.Is(".") || previous.Is("::") || token.Is(")") || token.Is(",") || token.Is("]") || token.Is(".") || token.Is("::") || token.Is(";"))
        && !(token.Is("(") && previous.Kind is TokenKind.Word or TokenKind.QuotedName && previous.Span.End == token.Span.Start)
        && !(token.Is("[") && previous.Span.End == token.Span.Start)
        && (previous.Span.End != token.Span.Start || previous.Kind == TokenKind.Symbol || token.Kind == TokenKind.Symbol)
        && !(previous.Is("-") && previous.Span.End == token.Span.Start && token.Kind is TokenKind.Integer or TokenKind.Decimal or TokenKind.Exponent or TokenKind.Suffixed);

    private static bool HasComments(string sql, List<Token> tokens)
    {
        var at = 0;
        foreach (var token in tokens)
        {
            if (!sql.AsSpan(at, token.Span.Start - at).IsWhiteSpace())
            {
                return true;
            }

            at = token.Span.End;
        }

        return false;
    }
}
