using System.Globalization;
using System.Text;

namespace LogPipeline.Core.Query.DuckDb.Functions;

/// <summary>Writes a Java pattern as a .NET pattern, or refuses what the two mean differently.</summary>
/// <remarks>Source: the documentation of <c>java.util.regex.Pattern</c> and of .NET's regular expression language.</remarks>
internal sealed partial class JavaRegexTranslator(string pattern, bool peculiar)
{
    private const string Pair = "[\uD800-\uDBFF][\uDC00-\uDFFF]";
    private const string LineEnds = "\\n\\r\\u0085\\u2028\\u2029";

    private const int Anchored = -2;

    private readonly StringBuilder output = new();
    private readonly Dictionary<string, int> names = new(StringComparer.Ordinal);
    private readonly Stack<(int Start, bool IgnoreCase, bool DotAll)> open = new();
    private readonly int totalGroups = CountGroups(pattern);
    private int at;
    private int groups;
    private bool ignoreCase;
    private bool dotAll;

    /// <summary>Where the last atom begins in the output; -1 when a quantifier may not follow.</summary>
    private int atom = -1;

    public JavaRegexTranslation Translate()
    {
        while (at < pattern.Length)
        {
            Next();
        }

        return open.Count == 0 ? new(output.ToString(), groups, names) : throw Malformed(pattern);
    }

    public static QueryException Malformed(string pattern) =>
        SparkFailure.Of("INVALID_PARAMETER_VALUE.PATTERN", "22023", $"The value of parameter(s) `regexp` is invalid: '{pattern}'.");

    private void Next()
    {
        var current = pattern[at];
        switch (current)
        {
            case '\\':
                Escape();
                break;
            case '[':
                Begin();
                output.Append(new JavaRegexClass(this, peculiar).Read());
                break;
            case '(':
                Open();
                break;
            case ')':
                Close();
                break;
            case '|':
                at++;
                atom = -1;
                output.Append('|');
                break;
            case '*' or '+' or '?':
                at++;
                Quantify(current.ToString());
                break;
            case '{':
                Braces();
                break;
            case '.':
                at++;
                Begin();
                output.Append(Dot());
                break;
            case '^':
                at++;
                atom = Anchored;
                output.Append("\\A");
                break;
            case '$':
                at++;
                atom = Anchored;
                output.Append(EndOfText());
                break;
            default:
                Begin();
                Literal(Take());
                break;
        }
    }

    private void Begin() => atom = output.Length;

    /// <summary>One code point of the pattern, which may be a pair.</summary>
    internal string Take()
    {
        var length = char.IsSurrogatePair(pattern, at) ? 2 : 1;
        at += length;
        return pattern.Substring(at - length, length);
    }

    internal bool More => at < pattern.Length;

    internal char Peek => at < pattern.Length ? pattern[at] : throw Malformed(pattern);

    internal bool IgnoreCase => ignoreCase;

    internal QueryException Error() => Malformed(pattern);

    internal QueryException Unsupported(string what) =>
        SparkFailure.Unsupported($"The embedded engine does not run {what} of the regular expression '{pattern}'; Spark answers it.");

    private void Literal(string codePoint)
    {
        if (codePoint.Length == 2)
        {
            output.Append("(?:").Append(codePoint).Append(')');
            return;
        }

        var character = codePoint[0];
        if (ignoreCase && char.IsAsciiLetter(character))
        {
            output.Append('[').Append(char.ToLowerInvariant(character)).Append(char.ToUpperInvariant(character)).Append(']');
        }
        else
        {
            AppendEscaped(output, character);
        }
    }

    internal static void AppendEscaped(StringBuilder target, char character)
    {
        if (char.IsAsciiLetterOrDigit(character))
        {
            target.Append(character);
        }
        else
        {
            target.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:X4}");
        }
    }

    private string Dot() =>
        dotAll ? peculiar ? $"(?:{Pair}|[\\s\\S])" : "[\\s\\S]"
        : peculiar ? $"(?:{Pair}|[^{LineEnds}])" : "[\\s\\S]";

    private string EndOfText() =>
        peculiar ? $"(?:\\z|(?=\\r\\n\\z)|(?<!\\r)(?=\\n\\z)|(?=[\\r\\u0085\\u2028\\u2029]\\z))" : "\\z";

    private void Open()
    {
        var start = output.Length;
        at++;
        var flags = (ignoreCase, dotAll);
        if (!More || Peek != '?')
        {
            groups++;
            output.Append('(');
        }
        else
        {
            at++;
            if (!Special())
            {
                return;
            }
        }

        open.Push((start, flags.ignoreCase, flags.dotAll));
        atom = -1;
    }

    /// <summary>What follows <c>(?</c>. False when it was a group of flags only, which has ended already.</summary>
    private bool Special()
    {
        foreach (var simple in new[] { ":", "=", "!", ">" })
        {
            if (Peek == simple[0])
            {
                at++;
                output.Append("(?").Append(simple);
                return true;
            }
        }

        if (Peek == '<')
        {
            at++;
            if (Peek is '=' or '!')
            {
                output.Append("(?<").Append(pattern[at++]);
                CheckLookBehind();
                return true;
            }

            var end = pattern.IndexOf('>', at);
            var name = end < 0 ? throw Error() : pattern[at..end];
            if (name.Length == 0 || !char.IsAsciiLetter(name[0]) || !name.All(char.IsAsciiLetterOrDigit) || !names.TryAdd(name, ++groups))
            {
                throw Error();
            }

            at = end + 1;
            output.Append('(');
            return true;
        }

        var on = true;
        for (; ; at++)
        {
            switch (Peek)
            {
                case '-':
                    on = false;
                    break;
                case 'i':
                    ignoreCase = on;
                    break;
                case 's':
                    dotAll = on;
                    break;
                case ':':
                    at++;
                    output.Append("(?:");
                    return true;
                case ')':
                    at++;
                    atom = -1;
                    return false;
                case 'm' or 'd' or 'u' or 'x' or 'U':
                    throw Unsupported($"flag {Peek}");
                default:
                    throw Error();
            }
        }
    }

    /// <summary>Java needs to know how long a look behind can be; .NET does not.</summary>
    private void CheckLookBehind()
    {
        var depth = 1;
        for (var index = at; index < pattern.Length && depth > 0; index++)
        {
            depth += pattern[index] switch { '(' => 1, ')' => -1, _ => 0 };
            if (pattern[index] == '\\')
            {
                index++;
            }
            else if (pattern[index] is '*' or '+' or '{')
            {
                throw Unsupported("a repetition in a look behind");
            }
        }
    }

    private void Close()
    {
        at++;
        if (!open.TryPop(out var group))
        {
            throw Error();
        }

        output.Append(')');
        (atom, ignoreCase, dotAll) = (group.Start, group.IgnoreCase, group.DotAll);
    }

    private void Braces()
    {
        var end = pattern.IndexOf('}', at);
        var body = end < 0 ? throw Error() : pattern[(at + 1)..end];
        var parts = body.Split(',');
        if (parts.Length > 2 || !IsCount(parts[0]) || (parts.Length == 2 && parts[1].Length > 0 && !IsCount(parts[1])))
        {
            throw Error();
        }

        at = end + 1;
        Quantify("{" + body + "}");

        static bool IsCount(string text) => text.Length is > 0 and < 10 && text.All(char.IsAsciiDigit);
    }

    /// <summary>A possessive quantifier is an atomic group in .NET.</summary>
    private void Quantify(string quantifier)
    {
        if (atom < 0)
        {
            throw atom == Anchored ? Unsupported("a repeated anchor") : Error();
        }

        var kind = More ? Peek : '\0';
        if (kind == '+')
        {
            at++;
            output.Insert(atom, "(?>").Append(quantifier).Append(')');
        }
        else
        {
            output.Append(quantifier);
            if (kind == '?')
            {
                at++;
                output.Append('?');
            }
        }

        atom = -1;
        if (More && Peek is '*' or '+' or '?')
        {
            throw Error();
        }
    }

    private static int CountGroups(string pattern)
    {
        var count = 0;
        for (var index = 0; index < pattern.Length; index++)
        {
            if (pattern[index] == '\\')
            {
                index++;
            }
            else if (pattern[index] == '(' && (index + 1 >= pattern.Length || pattern[index + 1] != '?'
                || (index + 3 < pattern.Length && pattern[index + 2] == '<' && pattern[index + 3] is not ('=' or '!'))))
            {
                count++;
            }
        }

        return count;
    }
}
