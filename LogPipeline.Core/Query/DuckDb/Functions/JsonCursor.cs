using System.Globalization;
using System.Numerics;
using System.Text;
using LogPipeline.Core.Query.Values;

namespace LogPipeline.Core.Query.DuckDb.Functions;

/// <summary>Walks JSON text as Spark's reader does: single quotes and raw control characters are allowed, text behind the value is not read.</summary>
/// <remarks>Every method throws <see cref="FormatException"/> where the text is no JSON.</remarks>
internal ref struct JsonCursor(ReadOnlySpan<byte> utf8)
{
    private const int MaxDepth = 1_000;

    private readonly ReadOnlySpan<byte> text = utf8;
    private int at;
    private int depth;

    /// <summary>The next byte that is no white space; 0 at the end.</summary>
    public byte Peek()
    {
        while (at < text.Length && text[at] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r')
        {
            at++;
        }

        return at < text.Length ? text[at] : (byte)0;
    }

    /// <summary>Takes a byte when it is the next one.</summary>
    public bool TryTake(char expected)
    {
        if (Peek() != expected)
        {
            return false;
        }

        at++;
        return true;
    }

    public void Take(char expected)
    {
        if (!TryTake(expected))
        {
            throw new FormatException();
        }
    }

    /// <summary>Begins an object or an array; false when it is empty and has ended already.</summary>
    public bool Enter(char open, char close)
    {
        Take(open);
        if (++depth > MaxDepth)
        {
            throw new FormatException();
        }

        if (TryTake(close))
        {
            depth--;
            return false;
        }

        return true;
    }

    /// <summary>After an element: true when another one follows.</summary>
    public bool Continue(char close)
    {
        if (TryTake(','))
        {
            return true;
        }

        Take(close);
        depth--;
        return false;
    }

    public string FieldName()
    {
        if (Peek() is not ((byte)'"' or (byte)'\''))
        {
            throw new FormatException();
        }

        var name = Text();
        Take(':');
        return name;
    }

    /// <summary>A quoted text, unescaped.</summary>
    public string Text()
    {
        var quote = Peek();
        var unescaped = new StringBuilder();
        var start = ++at;
        while (true)
        {
            if (at >= text.Length)
            {
                throw new FormatException();
            }

            if (text[at] == quote)
            {
                unescaped.Append(Encoding.UTF8.GetString(text[start..at]));
                at++;
                return unescaped.ToString();
            }

            if (text[at] != '\\')
            {
                at++;
                continue;
            }

            unescaped.Append(Encoding.UTF8.GetString(text[start..at]));
            at++;
            unescaped.Append(Escape());
            start = at;
        }
    }

    /// <summary>Takes any value and prints it as Spark does: without white space, numbers with a point as doubles.</summary>
    public void Copy(StringBuilder output)
    {
        switch (Peek())
        {
            case (byte)'{':
                output.Append('{');
                if (Enter('{', '}'))
                {
                    do
                    {
                        Quote(output, FieldName());
                        output.Append(':');
                        Copy(output);
                    }
                    while (Continue('}') && Comma(output));
                }

                output.Append('}');
                break;
            case (byte)'[':
                output.Append('[');
                if (Enter('[', ']'))
                {
                    do
                    {
                        Copy(output);
                    }
                    while (Continue(']') && Comma(output));
                }

                output.Append(']');
                break;
            case (byte)'"' or (byte)'\'':
                Quote(output, Text());
                break;
            default:
                output.Append(Scalar());
                break;
        }
    }

    public void Skip() => Copy(new StringBuilder());

    /// <summary>A number, <c>true</c>, <c>false</c> or <c>null</c>.</summary>
    public string Scalar()
    {
        _ = Peek();
        var start = at;
        while (at < text.Length && (char.IsAsciiLetterOrDigit((char)text[at]) || text[at] is (byte)'-' or (byte)'+' or (byte)'.'))
        {
            at++;
        }

        var token = Encoding.ASCII.GetString(text[start..at]);
        return token is "true" or "false" or "null" ? token : Number(token);
    }

    private static string Number(string token)
    {
        var digits = token.StartsWith('-') ? token[1..] : token;
        if (digits.Length == 0 || !char.IsAsciiDigit(digits[0]) || (digits[0] == '0' && digits.Length > 1 && char.IsAsciiDigit(digits[1])))
        {
            throw new FormatException();
        }

        if (digits.All(char.IsAsciiDigit))
        {
            return BigInteger.Parse(token, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);
        }

        var mark = digits.IndexOfAny(['e', 'E']);
        var mantissa = mark < 0 ? digits : digits[..mark];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? mantissa : mantissa[..point];
        var power = mark < 0 ? "0" : digits[(mark + 1)..].TrimStart('+', '-');
        if (!whole.All(char.IsAsciiDigit) || power.Length == 0 || !power.All(char.IsAsciiDigit)
            || (point >= 0 && (point == mantissa.Length - 1 || !mantissa.AsSpan(point + 1).ToString().All(char.IsAsciiDigit))))
        {
            throw new FormatException();
        }

        return JavaNumber.Print(double.Parse(token, NumberStyles.Float, CultureInfo.InvariantCulture));
    }

    private static bool Comma(StringBuilder output)
    {
        output.Append(',');
        return true;
    }

    private string Escape()
    {
        if (at >= text.Length)
        {
            throw new FormatException();
        }

        switch ((char)text[at++])
        {
            case '"':
                return "\"";
            case '\'':
                return "'";
            case '\\':
                return "\\";
            case '/':
                return "/";
            case 'b':
                return "\b";
            case 'f':
                return "\f";
            case 'n':
                return "\n";
            case 'r':
                return "\r";
            case 't':
                return "\t";
            case 'u' when at + 4 <= text.Length && ushort.TryParse(text.Slice(at, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var unit):
                at += 4;
                return ((char)unit).ToString();
            default:
                throw new FormatException();
        }
    }

    internal static void Quote(StringBuilder output, string value)
    {
        output.Append('"');
        foreach (var one in value)
        {
            _ = one switch
            {
                '"' => output.Append("\\\""),
                '\\' => output.Append("\\\\"),
                '\b' => output.Append("\\b"),
                '\t' => output.Append("\\t"),
                '\n' => output.Append("\\n"),
                '\f' => output.Append("\\f"),
                '\r' => output.Append("\\r"),
                < ' ' => output.Append(CultureInfo.InvariantCulture, $"\\u{(int)one:X4}"),
                _ => output.Append(one),
            };
        }

        output.Append('"');
    }
}
