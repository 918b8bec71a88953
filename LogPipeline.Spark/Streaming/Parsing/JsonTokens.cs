namespace LogPipeline.Spark.Streaming.Parsing;

/// <summary>Regular expressions, as Java reads them, over JSON that is known to be valid.</summary>
/// <remarks>Every repetition is possessive: Java then matches it in a loop, so that no text is too long for its stack, in linear time.</remarks>
internal static class JsonTokens
{
    private const string String = """
        "(?:[^"\\]++|\\.)*+"
        """;

    /// <summary>A name and its value at the top of an object: group 1 is the name with its quotes, group 2 the value exactly as it stands.</summary>
    /// <param name="depth">Deepest nesting of the object.</param>
    public static string Member(int depth)
    {
        var nested = "";
        for (var level = 1; level < depth; level++)
        {
            nested = $$"""[\[{](?:[^"\[\]{}]++|{{String}}{{(nested.Length > 0 ? "|" : "")}}{{nested}})*+[\]}]""";
        }

        return $$"""({{String}})\s*+:\s*+({{String}}|{{(nested.Length > 0 ? nested + "|" : "")}}[^\s,}\]]++)""";
    }

    /// <summary>A text as it stands whose escapes are whole characters: no half of a surrogate pair.</summary>
    public const string WholeCharacters =
        """^"(?:[^"\\]++|\\[^u]|\\u(?![dD][89a-fA-F])....|\\u[dD][89abAB]..\\u[dD][c-fC-F]..)*+"\z""";

    /// <summary>What begins with a value that is neither object nor array.</summary>
    public const string Scalar = """^(?:"(?:[^"\\\x00-\x1f]++|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*+"|(?:true|false|null|-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][-+]?[0-9]++)?)(?:[ \t\r\n,\]}]|\z))""";

    /// <summary>An escape that is NUL or another rare control character, or belongs to a surrogate pair.</summary>
    public const string RareEscape = """\\u(?:000|[dD][89a-fA-F])""";

    /// <summary>
    /// A text of Spark's that may stand for something else in the JSON: for an object or an array, or for a number that Spark does not give back as
    /// it stood, which is one with decimals or an exponent, and zero, which may have been -0. Several texts may stand between U+0003.
    /// </summary>
    public const string Doubtful = """(?:^|\x03)(?:[\[{]|(?:0|-?[0-9]+(?:\.[0-9]+(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+)|"-?Infinity")(?:\x03|\z))""";
}
