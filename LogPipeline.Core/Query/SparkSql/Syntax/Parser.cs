namespace LogPipeline.Core.Query.SparkSql.Syntax;

/// <summary>Reads one statement: descent for clauses, precedence climbing for expressions.</summary>
/// <remarks>Source: Spark's <c>SqlBaseParser.g4</c> with <c>enforceReservedKeywords=false</c>, so that almost every keyword is a name where a name can stand.</remarks>
internal sealed partial class Parser
{
    private const int _maxDepth = 200;

    /// <summary>Levels of the finished tree. A chain such as <c>1 + 1 + …</c> is read in a loop, but every step after this one descends into it.</summary>
    private const int _maxTreeDepth = 500;

    private readonly string _sql;
    private readonly List<Token> _tokens;
    private int _index;
    private int _depth;

    private Parser(string sql)
    {
        _sql = sql;
        _tokens = Lexer.Read(sql);
    }

    public static StatementNode ParseStatement(string sql)
    {
        var parser = new Parser(sql);
        var statement = parser.ReadStatement();
        while (parser.TryTake(";"))
        {
        }

        if (parser.Current.Kind != TokenKind.End)
        {
            throw parser.Unexpected();
        }

        return SyntaxWalk.Depth(statement) <= _maxTreeDepth ? statement : throw TooComplex(sql, new Span(0, sql.Length));
    }

    private Token Current => _tokens[_index];

    private Token Ahead(int count = 1) => _tokens[Math.Min(_index + count, _tokens.Count - 1)];

    private Span Previous => _index == 0 ? new Span(0, 0) : _tokens[_index - 1].Span;

    private bool At(string text) => Current.Is(text);

    private bool AtAny(params ReadOnlySpan<string> texts)
    {
        foreach (var text in texts)
        {
            if (Current.Is(text))
            {
                return true;
            }
        }

        return false;
    }

    private bool At(string first, string second) => Current.Is(first) && Ahead().Is(second);

    private Token Take() => _tokens[_index == _tokens.Count - 1 ? _index : _index++];

    private bool TryTake(string text)
    {
        if (!Current.Is(text))
        {
            return false;
        }

        _index++;
        return true;
    }

    private bool TryTake(string first, string second)
    {
        if (!At(first, second))
        {
            return false;
        }

        _index += 2;
        return true;
    }

    private Token Expect(string text) => Current.Is(text) ? Take() : throw Unexpected();

    private QueryException Unexpected() => SqlError.Syntax(_sql, Current);

    private QueryException Unsupported(Span span, string what) => SqlError.Unsupported(_sql, span, what);

    private Span From(Span start) => new(start.Start, Math.Max(start.End, Previous.End));

    private Span From(int start) => new(start, Math.Max(start, Previous.End));

    /// <summary>A name: quoted, or any word.</summary>
    private string ReadName()
    {
        if (Current.Kind is TokenKind.Word or TokenKind.QuotedName)
        {
            return Take().Text;
        }

        throw Unexpected();
    }

    private List<string> ReadNameList()
    {
        var names = new List<string>();
        Expect("(");
        do
        {
            names.Add(ReadName());
        }
        while (TryTake(","));
        Expect(")");
        return names;
    }

    private List<string> ReadQualifiedName()
    {
        var parts = new List<string> { ReadName() };
        while (At(".") && Ahead().Kind is TokenKind.Word or TokenKind.QuotedName)
        {
            _index++;
            parts.Add(ReadName());
        }

        return parts;
    }

    /// <summary>Guards against a stack that overflows: text may nest without bound.</summary>
    private void Enter()
    {
        if (++_depth > _maxDepth)
        {
            throw TooComplex(_sql, Current.Span);
        }
    }

    private static QueryException TooComplex(string sql, Span span) =>
        SqlError.At(sql, span, "FAILED_TO_PARSE_TOO_COMPLEX", "54001", "The statement was too complex to parse: it nests too deeply.");

    private void Leave() => _depth--;
}
