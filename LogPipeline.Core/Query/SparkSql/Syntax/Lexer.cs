namespace LogPipeline.Core.Query.SparkSql.Syntax;

/// <summary>Splits text into tokens as Spark's grammar does; comments nest, and a hint is a comment because it cannot change an answer.</summary>
internal sealed class Lexer
{
    private static readonly string[] _symbols =
    [
        ">>>", "<=>", "<>", "<=", ">=", "!=", "==", "||", "::", "->", "=>", "|>", "<<", ">>",
        "(", ")", ",", ".", "*", "/", "%", "+", "-", "=", "<", ">", "&", "|", "^", "~", "[", "]", ";", ":", "!", "?", "{", "}", "@",
    ];

    private readonly string _sql;
    private int _at;

    private Lexer(string sql) => _sql = sql;

    /// <summary>All tokens, the last of kind <see cref="TokenKind.End"/>.</summary>
    public static List<Token> Read(string sql)
    {
        var lexer = new Lexer(sql);
        var tokens = new List<Token>();
        Token token;
        do
        {
            token = lexer.Next();
            tokens.Add(token);
        }
        while (token.Kind != TokenKind.End);
        return tokens;
    }

    private char Peek(int ahead = 0) => _at + ahead < _sql.Length ? _sql[_at + ahead] : '\0';

    private Token Make(TokenKind kind, int start, string text) => new(kind, text, new Span(start, _at));

    private QueryException Error(int start) =>
        SqlError.Syntax(_sql, new Token(TokenKind.Symbol, _sql[start].ToString(), new Span(start, start + 1)));

    private Token Next()
    {
        SkipBlanks();
        var start = _at;
        if (_at >= _sql.Length)
        {
            return new Token(TokenKind.End, "", new Span(_sql.Length, _sql.Length));
        }

        var first = Peek();
        if (first is '\'' or '"')
        {
            return ReadText(start, raw: false);
        }

        if (first is 'r' or 'R' && Peek(1) is '\'' or '"')
        {
            _at++;
            return ReadText(start, raw: true);
        }

        if (first is 'x' or 'X' && Peek(1) is '\'' or '"')
        {
            _at++;
            return ReadText(start, raw: true) with { Kind = TokenKind.Binary };
        }

        if (first == '`')
        {
            return ReadQuotedName(start);
        }

        if (char.IsAsciiDigit(first) || (first == '.' && char.IsAsciiDigit(Peek(1)) && !AfterName(start)))
        {
            return ReadNumber(start);
        }

        if (char.IsLetter(first) || first == '_')
        {
            while (char.IsLetterOrDigit(Peek()) || Peek() == '_')
            {
                _at++;
            }

            return Make(TokenKind.Word, start, _sql[start.._at]);
        }

        foreach (var symbol in _symbols)
        {
            if (string.CompareOrdinal(_sql, _at, symbol, 0, symbol.Length) == 0)
            {
                _at += symbol.Length;
                return Make(TokenKind.Symbol, start, symbol);
            }
        }

        throw Error(start);
    }

    /// <summary>Whether a point at this place continues a name: <c>t.1</c> is no number.</summary>
    private bool AfterName(int start) =>
        start > 0 && (char.IsLetterOrDigit(_sql[start - 1]) || _sql[start - 1] is '_' or '`' or ')' or ']');

    private void SkipBlanks()
    {
        while (_at < _sql.Length)
        {
            if (char.IsWhiteSpace(_sql[_at]))
            {
                _at++;
            }
            else if (Peek() == '-' && Peek(1) == '-')
            {
                while (_at < _sql.Length && _sql[_at] != '\n')
                {
                    _at++;
                }
            }
            else if (Peek() == '/' && Peek(1) == '*')
            {
                SkipBracketedComment();
            }
            else
            {
                return;
            }
        }
    }

    private void SkipBracketedComment()
    {
        var start = _at;
        var depth = 0;
        do
        {
            if (Peek() == '/' && Peek(1) == '*')
            {
                depth++;
                _at += 2;
            }
            else if (Peek() == '*' && Peek(1) == '/')
            {
                depth--;
                _at += 2;
            }
            else if (_at >= _sql.Length)
            {
                throw SqlError.At(_sql, new Span(start, start + 2), "UNCLOSED_BRACKETED_COMMENT", "42601", "Found an unclosed bracketed comment. Please, append */ at the end of the comment.");
            }
            else
            {
                _at++;
            }
        }
        while (depth > 0);
    }

    private Token ReadText(int start, bool raw)
    {
        var quote = Peek();
        var open = _at++;
        var from = _at;
        while (true)
        {
            if (_at >= _sql.Length)
            {
                throw Error(open);
            }

            var character = _sql[_at];
            if (character == quote)
            {
                if (!raw && Peek(1) == quote)
                {
                    _at += 2;
                    continue;
                }

                _at++;
                break;
            }

            _at += character == '\\' && !raw && _at + 1 < _sql.Length ? 2 : 1;
        }

        var body = _sql[from..(_at - 1)];
        return Make(TokenKind.Text, start, raw ? body : TextEscapes.Unescape(body, quote));
    }

    private Token ReadQuotedName(int start)
    {
        _at++;
        var from = _at;
        while (true)
        {
            if (_at >= _sql.Length)
            {
                throw Error(start);
            }

            if (_sql[_at] == '`')
            {
                if (Peek(1) != '`')
                {
                    break;
                }

                _at++;
            }

            _at++;
        }

        var name = _sql[from.._at].Replace("``", "`", StringComparison.Ordinal);
        _at++;
        return Make(TokenKind.QuotedName, start, name);
    }

    private Token ReadNumber(int start)
    {
        var kind = TokenKind.Integer;
        SkipDigits();
        if (Peek() == '.' && !(Peek(1) == '.'))
        {
            kind = TokenKind.Decimal;
            _at++;
            SkipDigits();
        }

        var mark = _at;
        if (Peek() is 'e' or 'E')
        {
            _at++;
            if (Peek() is '+' or '-')
            {
                _at++;
            }

            if (char.IsAsciiDigit(Peek()))
            {
                SkipDigits();
                kind = TokenKind.Exponent;
            }
            else
            {
                _at = mark;
            }
        }

        mark = _at;
        while (char.IsAsciiLetter(Peek()))
        {
            _at++;
        }

        var suffix = _sql[mark.._at].ToUpperInvariant();
        if (suffix.Length > 0 && !char.IsAsciiDigit(Peek()) && Peek() != '_' &&
            (suffix is "D" or "F" or "BD" || (suffix is "L" or "S" or "Y" && kind == TokenKind.Integer)))
        {
            return Make(TokenKind.Suffixed, start, _sql[start..mark] + suffix);
        }

        if (suffix.Length > 0 || Peek() == '_')
        {
            throw Error(start);
        }

        return Make(kind, start, _sql[start.._at]);
    }

    private void SkipDigits()
    {
        while (char.IsAsciiDigit(Peek()))
        {
            _at++;
        }
    }
}
