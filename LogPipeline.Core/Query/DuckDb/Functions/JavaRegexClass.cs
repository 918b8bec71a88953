using System.Globalization;
using System.Text;

namespace LogPipeline.Core.Query.DuckDb.Functions;

/// <summary>Translates one character class: <c>[a-z\d_]</c>. Unions and intersections of classes are refused.</summary>
internal sealed class JavaRegexClass(JavaRegexTranslator source, bool peculiar)
{
    private readonly StringBuilder set = new();

    /// <summary>Reads from <c>[</c> to behind <c>]</c>.</summary>
    public string Read()
    {
        _ = source.Take();
        var negated = source.Peek == '^';
        if (negated)
        {
            _ = source.Take();
        }

        var first = true;
        while (first || source.Peek != ']')
        {
            if (first && source.Peek == ']')
            {
                // Java takes a bracket in the first place as itself.
                Add(Character());
            }
            else
            {
                Item();
            }

            first = false;
        }

        _ = source.Take();
        return !negated ? $"[{set}]"
            : peculiar ? $"(?:[\uD800-\uDBFF][\uDC00-\uDFFF]|[^{set}])"
            : $"[^{set}]";
    }

    /// <summary>The .NET class of <c>\d</c>, <c>\W</c>, <c>\p{Alpha}</c>, … at the current place, or null when the letter is no class.</summary>
    public static string? Predefined(JavaRegexTranslator source, char letter)
    {
        if (letter is 'p' or 'P')
        {
            _ = source.Take();
            return Property(source, letter == 'P');
        }

        if (Members(char.ToLowerInvariant(letter)) is not { } members || letter == 'V' || letter == 'H')
        {
            return letter is 'V' or 'H' ? throw source.Unsupported($"\\{letter}") : null;
        }

        _ = source.Take();
        return char.IsAsciiLetterUpper(letter) ? $"[^{members}]" : $"[{members}]";
    }

    private static string? Members(char letter) => letter switch
    {
        'd' => "0-9",
        'w' => "a-zA-Z0-9_",
        's' => " \\t\\n\\u000B\\f\\r",
        'h' => " \\t\\u00A0\\u1680\\u180E\\u2000-\\u200A\\u202F\\u205F\\u3000",
        'v' => "\\n\\u000B\\f\\r\\u0085\\u2028\\u2029",
        _ => null,
    };

    private static string Property(JavaRegexTranslator source, bool negated)
    {
        var name = new StringBuilder();
        if (source.Peek == '{')
        {
            _ = source.Take();
            while (source.Peek != '}')
            {
                name.Append(source.Take());
            }
        }
        else
        {
            name.Append(source.Peek);
        }

        _ = source.Take();
        var members = name.ToString() switch
        {
            "Lower" => "a-z",
            "Upper" => "A-Z",
            "ASCII" => "\\u0000-\\u007F",
            "Alpha" => "a-zA-Z",
            "Digit" => "0-9",
            "Alnum" => "a-zA-Z0-9",
            "Punct" => "!-/:-@\\[-`{-~",
            "Graph" => "!-~",
            "Print" => " -~",
            "Blank" => " \\t",
            "Cntrl" => "\\u0000-\\u001F\\u007F",
            "XDigit" => "0-9a-fA-F",
            "Space" => " \\t\\n\\u000B\\f\\r",
            "L" or "Lu" or "Ll" or "Lt" or "Lm" or "Lo" or "N" or "Nd" or "P" or "S" or "Z" or "IsL" or "IsLu" or "IsLl" => $"\\p{{{name.ToString().Replace("Is", "", StringComparison.Ordinal)}}}",
            "IsAlphabetic" or "IsLetter" => throw source.Unsupported($"\\p{{{name}}}"),
            _ => throw source.Unsupported($"\\p{{{name}}}"),
        };
        if (source.IgnoreCase && members is "a-z" or "A-Z")
        {
            members = "a-zA-Z";
        }

        return negated ? $"[^{members}]" : $"[{members}]";
    }

    private void Item()
    {
        if (source.Peek == '[')
        {
            throw source.Unsupported("a class within a class");
        }

        if (source.Peek == '\\')
        {
            _ = source.Take();
            var letter = source.Peek;
            if (letter == 'Q')
            {
                throw source.Unsupported("a quotation within a class");
            }

            if (Predefined(source, letter) is { } predefined)
            {
                set.Append(Inner(predefined));
                return;
            }

            AddOrRange(source.EscapedCharacter());
            return;
        }

        AddOrRange(Character());
    }

    /// <summary>A predefined class inside another one: its members, or everything else.</summary>
    private string Inner(string predefined) =>
        !predefined.StartsWith("[^", StringComparison.Ordinal) ? predefined[1..^1]
        : predefined[2..^1] switch
        {
            "0-9" => "\\u0000-/:-\\uFFFF",
            "a-zA-Z0-9_" => "\\u0000-/:-@\\[-\\^`{-\\uFFFF",
            " \\t\\n\\u000B\\f\\r" => "\\u0000-\\u0008\\u000E-\\u001F!-\\uFFFF",
            ['\\', 'p', '{', .. var category] => "\\P{" + category,
            _ => throw source.Unsupported("a negated class within a class"),
        };

    private string Character()
    {
        var text = source.Take();
        return text == "&" && source.More && source.Peek == '&'
            ? throw source.Unsupported("an intersection of classes")
            : text;
    }

    private void AddOrRange(string from)
    {
        if (!source.More || source.Peek != '-')
        {
            Add(from);
            return;
        }

        _ = source.Take();
        if (source.Peek == ']')
        {
            Add(from);
            Add("-");
            return;
        }

        if (source.Peek == '[')
        {
            throw source.Unsupported("a class within a class");
        }

        string to;
        if (source.Peek == '\\')
        {
            _ = source.Take();
            if (char.IsAsciiLetter(source.Peek) && source.Peek is 'd' or 'w' or 's' or 'D' or 'W' or 'S' or 'h' or 'v' or 'p' or 'P')
            {
                throw source.Error();
            }

            to = source.EscapedCharacter();
        }
        else
        {
            to = Character();
        }

        Range(Single(from), Single(to));
    }

    private void Add(string codePoint)
    {
        var character = Single(codePoint);
        Range(character, character);
    }

    private char Single(string codePoint) =>
        codePoint.Length == 1 ? codePoint[0] : throw source.Unsupported("a character beyond U+FFFF in a class");

    private void Range(char from, char to)
    {
        if (from > to)
        {
            throw source.Error();
        }

        Append(from, to);
        if (!source.IgnoreCase)
        {
            return;
        }

        var (low, high) = ((char)Math.Max(from, 'a'), (char)Math.Min(to, 'z'));
        if (low <= high)
        {
            Append(char.ToUpperInvariant(low), char.ToUpperInvariant(high));
        }

        (low, high) = ((char)Math.Max(from, 'A'), (char)Math.Min(to, 'Z'));
        if (low <= high)
        {
            Append(char.ToLowerInvariant(low), char.ToLowerInvariant(high));
        }
    }

    private void Append(char from, char to)
    {
        set.Append(CultureInfo.InvariantCulture, $"\\u{(int)from:X4}");
        if (to != from)
        {
            set.Append(CultureInfo.InvariantCulture, $"-\\u{(int)to:X4}");
        }
    }
}
