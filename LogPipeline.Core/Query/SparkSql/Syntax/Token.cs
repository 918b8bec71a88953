namespace LogPipeline.Core.Query.SparkSql.Syntax;

internal enum TokenKind
{
    /// <summary>A name or keyword, unquoted.</summary>
    Word,

    /// <summary>A name in backticks.</summary>
    QuotedName,
    Text,
    Binary,

    /// <summary>A whole number without suffix.</summary>
    Integer,

    /// <summary>A number with a point, without exponent or suffix.</summary>
    Decimal,

    /// <summary>A number with an exponent, without suffix.</summary>
    Exponent,

    /// <summary>A number with a suffix: L, S, Y, D, F or BD.</summary>
    Suffixed,
    Symbol,
    End,
}

/// <summary>A word of the text.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">The name, the unescaped string, the digits, or the symbol.</param>
/// <param name="Span">Where it stands.</param>
internal readonly record struct Token(TokenKind Kind, string Text, Span Span)
{
    /// <summary>Whether it is this keyword or symbol.</summary>
    public bool Is(string text) => Kind is TokenKind.Word or TokenKind.Symbol && string.Equals(Text, text, StringComparison.OrdinalIgnoreCase);
}
