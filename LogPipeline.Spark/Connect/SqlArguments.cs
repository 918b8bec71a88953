using System.Text;

namespace LogPipeline.Spark.Connect;

/// <summary>
/// Arguments put into the text of a query, as Spark 4.1 and later do it themselves. Needed because a parser that another product puts before
/// Spark's may drop the arguments on the way: Delta Lake 4.4 does, and Spark then reports <c>UNBOUND_SQL_PARAMETER</c>.
/// </summary>
internal static class SqlArguments
{
    /// <summary>Replaces <c>:name</c> and <c>?</c> outside of strings, quoted names and comments; what has no argument stays.</summary>
    public static string Bind(string query, IReadOnlyDictionary<string, object?> named, IReadOnlyList<object?> positional)
    {
        var text = new StringBuilder(query.Length + 64);
        var used = 0;
        for (var at = 0; at < query.Length;)
        {
            var end = EndOfOpaque(query, at);
            if (end == at)
            {
                end = at + 1;
                if (query[at] == ':')
                {
                    end = EndOfName(query, at + 1);
                    if (end > at + 1 && (at == 0 || query[at - 1] != ':') && named.TryGetValue(query[(at + 1)..end], out var value))
                    {
                        text.Append(SqlLiteral.Of(value));
                        at = end;
                        continue;
                    }
                }
                else if (query[at] == '?' && used < positional.Count)
                {
                    text.Append(SqlLiteral.Of(positional[used++]));
                    at = end;
                    continue;
                }
            }

            text.Append(query, at, end - at);
            at = end;
        }

        return text.ToString();
    }

    // The end of the string, quoted name or comment that begins here, or the place itself when none does.
    private static int EndOfOpaque(string query, int at) => query[at] switch
    {
        '\'' or '"' => EndOfQuoted(query, at, escapes: !IsRaw(query, at)),
        '`' => EndOfQuoted(query, at, escapes: false),
        '-' when query.AsSpan(at).StartsWith("--") => query.IndexOf('\n', at) is var line and >= 0 ? line : query.Length,
        '/' when query.AsSpan(at).StartsWith("/*") => EndOfComment(query, at),
        _ => at,
    };

    private static int EndOfQuoted(string query, int at, bool escapes)
    {
        var quote = query[at];
        for (var next = at + 1; next < query.Length; next++)
        {
            if (query[next] == quote)
            {
                return next + 1;
            }

            if (escapes && query[next] == '\\')
            {
                next++;
            }
        }

        return query.Length;
    }

    // r'…' and R"…" hold backslashes as they are.
    private static bool IsRaw(string query, int at) => at > 0 && query[at - 1] is 'r' or 'R' && (at == 1 || !IsNamePart(query[at - 2]));

    private static int EndOfComment(string query, int at)
    {
        var depth = 0;
        while (at < query.Length)
        {
            if (query.AsSpan(at).StartsWith("/*"))
            {
                depth++;
                at += 2;
            }
            else if (query.AsSpan(at).StartsWith("*/"))
            {
                at += 2;
                if (--depth == 0)
                {
                    return at;
                }
            }
            else
            {
                at++;
            }
        }

        return at;
    }

    private static int EndOfName(string query, int at)
    {
        while (at < query.Length && IsNamePart(query[at]))
        {
            at++;
        }

        return at;
    }

    private static bool IsNamePart(char letter) => char.IsAsciiLetterOrDigit(letter) || letter == '_';
}
