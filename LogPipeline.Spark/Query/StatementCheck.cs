using LogPipeline.Core.Query;
using LogPipeline.Core.Query.SparkSql;
using LogPipeline.Core.Query.SparkSql.Syntax;

namespace LogPipeline.Spark.Query;

/// <summary>What a statement that may run is.</summary>
internal enum StatementKind
{
    /// <summary>A query: its rows are wanted.</summary>
    Query,

    /// <summary>SHOW, DESCRIBE or EXPLAIN.</summary>
    Description,
}

/// <summary>The wall in front of the Spark session: one statement that only reads, and no way to files or code around the tables.</summary>
/// <remarks>
/// Spark itself takes any statement, so the check has to be right about every text, also about those that the embedded front end cannot
/// parse. It argues from Spark's grammar (<c>SqlBaseLexer.g4</c>, <c>SqlBaseParser.g4</c>), in three steps.
/// <list type="number">
/// <item>Both see the same words. <see cref="UnambiguousText"/> refuses every text that Spark's lexer could cut in another way than ours, and
/// the session has variable substitution off. From here on the list of tokens is Spark's.</item>
/// <item>It is one statement that reads. Spark parses one statement a text. What that is, is decided by its first word, behind EXPLAIN and
/// its mode, behind brackets, and behind the common table expressions of WITH, each of which is a query in brackets. Of what may follow
/// there, SELECT, VALUES, FROM and TABLE begin queries; UPDATE, DELETE and MERGE do not, and are refused behind any bracket, should the end
/// of the expressions be mistaken; and INSERT, the only verb that the grammar has behind FROM too, is refused wherever it stands unquoted.</item>
/// <item>A query reads only tables. The grammar's ways out of one are: a script (TRANSFORM, MAP and REDUCE, all with USING and a text),
/// a Java method or a file by a function (a list), a name made at run time (IDENTIFIER), and a file as a table
/// (<see cref="FileNames"/>).</item>
/// </list>
/// A word of the list that is meant as a name passes in back quotes, except where that still is a call or a file.
/// </remarks>
internal static class StatementCheck
{
    /// <summary>The class of refused statements.</summary>
    public const string RefusedClass = "UNSUPPORTED_FEATURE.READ_ONLY";

    private static readonly HashSet<string> Descriptions = new(StringComparer.OrdinalIgnoreCase) { "SHOW", "DESCRIBE", "DESC", "EXPLAIN" };
    private static readonly HashSet<string> Queries = new(StringComparer.OrdinalIgnoreCase) { "SELECT", "WITH", "FROM", "VALUES", "TABLE" };
    private static readonly HashSet<string> ExplainModes = new(StringComparer.OrdinalIgnoreCase) { "LOGICAL", "FORMATTED", "EXTENDED", "CODEGEN", "COST" };

    // Functions that run code of the server, or read a file or another table by a text.
    private static readonly HashSet<string> RefusedFunctions = new(StringComparer.OrdinalIgnoreCase)
    {
        "reflect", "java_method", "try_reflect", "identifier", "table_changes", "table_changes_by_path", "from_protobuf", "to_protobuf",
    };

    /// <summary>Decides whether a text may run.</summary>
    /// <exception cref="QueryException">It may not, or Spark could not read it; with its place.</exception>
    public static StatementKind Classify(string sql)
    {
        var tokens = Lexer.Read(sql);
        UnambiguousText.Check(sql, tokens);
        DropSemicolons(sql, tokens);
        CheckWords(sql, tokens);
        var kind = KindOf(sql, tokens, 0);
        FileNames.Check(sql, tokens, kind);
        return kind;
    }

    /// <summary>A refusal.</summary>
    public static QueryException Refusal(string sql, Token token, string what) =>
        SqlError.At(sql, token.Span, RefusedClass, "0A000", what);

    private static void DropSemicolons(string sql, List<Token> tokens)
    {
        while (tokens.Count > 1 && tokens[^2].Is(";"))
        {
            tokens.RemoveAt(tokens.Count - 2);
        }

        if (tokens.FindIndex(token => token.Is(";")) is >= 0 and var index)
        {
            throw Refusal(sql, tokens[index], "One statement at a time.");
        }
    }

    private static StatementKind KindOf(string sql, List<Token> tokens, int at)
    {
        var first = tokens[at];
        if (first.Is("EXPLAIN"))
        {
            at++;
            at += tokens[at].Kind == TokenKind.Word && ExplainModes.Contains(tokens[at].Text) ? 1 : 0;
            return KindOf(sql, tokens, at) == StatementKind.Query ? StatementKind.Description : throw SqlError.Syntax(sql, tokens[at], "EXPLAIN takes a query");
        }

        if (first.Kind == TokenKind.Word && Descriptions.Contains(first.Text))
        {
            return StatementKind.Description;
        }

        while (tokens[at].Is("("))
        {
            at++;
        }

        if (tokens[at].Is("WITH"))
        {
            at = BehindCommonTables(sql, tokens, at + 1);
        }

        while (tokens[at].Is("("))
        {
            at++;
        }

        return IsQueryWord(tokens[at]) ? StatementKind.Query : throw NoQuery(sql, tokens[at]);
    }

    private static bool IsQueryWord(Token token) => token.Kind == TokenKind.Word && Queries.Contains(token.Text);

    /// <summary>A statement that our own front end knows is named as there; anything else is Spark's syntax error.</summary>
    private static QueryException NoQuery(string sql, Token token)
    {
        try
        {
            _ = SparkSqlFrontEnd.Parse(sql);
        }
        catch (QueryException failure) when (failure.ErrorClass != QueryException.UnsupportedClass)
        {
            return failure;
        }
        catch (QueryException)
        {
        }

        return token.Kind == TokenKind.Word
            ? Refusal(sql, token, $"The statement {token.Text.ToUpperInvariant()} may change something, and queries only read: SELECT, WITH, FROM, VALUES, TABLE, SHOW, DESCRIBE and EXPLAIN run.")
            : SqlError.Syntax(sql, token);
    }

    /// <summary><c>[RECURSIVE] name [(columns)] [MAX RECURSION LEVEL n] [AS] (query), …</c></summary>
    private static int BehindCommonTables(string sql, List<Token> tokens, int at)
    {
        at += tokens[at].Is("RECURSIVE") && tokens[at + 1].Kind is TokenKind.Word or TokenKind.QuotedName ? 1 : 0;
        while (true)
        {
            at = tokens[at].Kind is TokenKind.Word or TokenKind.QuotedName ? at + 1 : throw SqlError.Syntax(sql, tokens[at]);
            if (tokens[at].Is("(") && !(tokens[at + 1].Is("(") || IsQueryWord(tokens[at + 1])))
            {
                at = BehindBrackets(sql, tokens, at);
            }

            if (tokens[at].Is("MAX") && tokens[at + 1].Is("RECURSION") && tokens[at + 2].Is("LEVEL") && tokens[at + 3].Kind == TokenKind.Integer)
            {
                at += 4;
            }

            at += tokens[at].Is("AS") ? 1 : 0;
            at = tokens[at].Is("(") ? BehindBrackets(sql, tokens, at) : throw SqlError.Syntax(sql, tokens[at]);
            if (!tokens[at].Is(","))
            {
                return at;
            }

            at++;
        }
    }

    private static int BehindBrackets(string sql, List<Token> tokens, int at)
    {
        var depth = 0;
        do
        {
            depth += tokens[at].Is("(") ? 1 : tokens[at].Is(")") ? -1 : 0;
            at = tokens[at].Kind == TokenKind.End ? throw SqlError.Syntax(sql, tokens[at]) : at + 1;
        }
        while (depth > 0);
        return at;
    }

    private static void CheckWords(string sql, List<Token> tokens)
    {
        for (var index = 0; index < tokens.Count - 1; index++)
        {
            var (token, next) = (tokens[index], tokens[index + 1]);
            if (token.Is("INSERT"))
            {
                throw Refusal(sql, token, "INSERT changes a table, and queries only read. A column of that name is written in back quotes.");
            }

            if (index > 0 && tokens[index - 1].Is(")") && (token.Is("UPDATE") || token.Is("DELETE") || token.Is("MERGE")))
            {
                throw Refusal(sql, token, $"{token.Text.ToUpperInvariant()} changes a table, and queries only read. A name of that kind is written in back quotes.");
            }

            if (token.Is("USING") && !next.Is("("))
            {
                throw Refusal(sql, token, "USING without brackets runs a script. A name of that kind is written in back quotes.");
            }

            if (token.Kind is TokenKind.Word or TokenKind.QuotedName && next.Is("(") && RefusedFunctions.Contains(token.Text))
            {
                throw Refusal(sql, token, $"The function {token.Text.ToLowerInvariant()} reaches beyond the tables, and queries only read tables.");
            }
        }
    }
}
