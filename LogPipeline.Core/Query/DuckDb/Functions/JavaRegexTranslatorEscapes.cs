using System.Globalization;

namespace LogPipeline.Core.Query.DuckDb.Functions;

/// <content>What follows a backslash.</content>
internal sealed partial class JavaRegexTranslator
{
    private void Escape()
    {
        at++;
        var letter = Peek;
        switch (letter)
        {
            case 'Q':
                at++;
                Quote();
                return;
            case 'A':
                Anchor("\\A");
                return;
            case 'z':
                Anchor("\\z");
                return;
            case 'Z':
                Anchor(EndOfText());
                return;
            case 'b' or 'B':
                Boundary(letter);
                return;
            case 'k':
                NamedReference();
                return;
            case >= '1' and <= '9':
                NumberedReference();
                return;
            case 'R' or 'X' or 'G' or 'N':
                throw Unsupported($"\\{letter}");
        }

        Begin();
        if (JavaRegexClass.Predefined(this, letter) is { } set)
        {
            output.Append(set);
            return;
        }

        Literal(EscapedCharacter());
    }

    private void Anchor(string text)
    {
        at++;
        atom = Anchored;
        output.Append(text);
    }

    /// <summary>Java 17 takes letters and digits of every script as parts of words here, although <c>\w</c> is ASCII.</summary>
    private void Boundary(char letter)
    {
        const string word = "[\\p{L}\\p{Nd}_]";
        if (at + 1 < pattern.Length && pattern[at + 1] == '{')
        {
            throw Unsupported("\\b{…}");
        }

        Anchor(letter == 'b'
            ? $"(?:(?<={word})(?!{word})|(?<!{word})(?={word}))"
            : $"(?:(?<={word})(?={word})|(?<!{word})(?!{word}))");
    }

    private void Quote()
    {
        var end = pattern.IndexOf("\\E", at, StringComparison.Ordinal);
        var stop = end < 0 ? pattern.Length : end;
        while (at < stop)
        {
            Begin();
            Literal(Take());
        }

        at = end < 0 ? stop : stop + 2;
    }

    private void NumberedReference()
    {
        var number = pattern[at++] - '0';
        while (at < pattern.Length && char.IsAsciiDigit(pattern[at]) && (number * 10) + pattern[at] - '0' <= totalGroups)
        {
            number = (number * 10) + pattern[at++] - '0';
        }

        Reference(number);
    }

    private void NamedReference()
    {
        at++;
        if (Peek != '<')
        {
            throw Error();
        }

        var end = pattern.IndexOf('>', at);
        Reference(end > 0 && names.TryGetValue(pattern[(at + 1)..end], out var number) ? number : throw Error());
        at = end + 1;
    }

    private void Reference(int number)
    {
        if (ignoreCase)
        {
            throw Unsupported("a back reference that ignores case");
        }

        Begin();
        output.Append(number > groups ? "(?!)" : string.Create(CultureInfo.InvariantCulture, $"(?:\\{number})"));
    }

    /// <summary>The character that an escape at the current place means: <c>\t</c>, <c>\x41</c>, <c>\.</c>.</summary>
    internal string EscapedCharacter()
    {
        var letter = pattern[at++];
        switch (letter)
        {
            case 't':
                return "\t";
            case 'n':
                return "\n";
            case 'r':
                return "\r";
            case 'f':
                return "\f";
            case 'a':
                return "\a";
            case 'e':
                return "\u001B";
            case 'c':
                return ((char)(Take()[0] ^ 64)).ToString();
            case '0':
                return Octal();
            case 'x' when More && Peek == '{':
                var end = pattern.IndexOf('}', at);
                var code = end < 0 ? throw Error() : Hex(pattern[(at + 1)..end]);
                at = end + 1;
                return char.ConvertFromUtf32(code is >= 0 and <= 0x10FFFF and not (>= 0xD800 and <= 0xDFFF) ? code : throw Error());
            case 'x':
                return ((char)Hex(Fixed(2))).ToString();
            case 'u':
                var unit = (char)Hex(Fixed(4));
                return char.IsSurrogate(unit) ? throw Unsupported("a surrogate escape") : unit.ToString();
            default:
                if (char.IsAsciiLetterOrDigit(letter))
                {
                    throw Error();
                }

                at--;
                return Take();
        }
    }

    private string Fixed(int digits)
    {
        at += digits;
        return at <= pattern.Length ? pattern.Substring(at - digits, digits) : throw Error();
    }

    private int Hex(string digits) =>
        int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ? value : throw Error();

    private string Octal()
    {
        var value = 0;
        var digits = 0;
        while (digits < 3 && More && Peek is >= '0' and <= '7' && (value * 8) + Peek - '0' <= 255)
        {
            value = (value * 8) + pattern[at++] - '0';
            digits++;
        }

        return digits > 0 ? ((char)value).ToString() : throw Error();
    }
}
