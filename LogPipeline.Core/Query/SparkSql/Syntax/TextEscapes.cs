using System.Globalization;
using System.Text;

namespace LogPipeline.Core.Query.SparkSql.Syntax;

/// <summary>Backslash escapes of string literals. <c>\%</c> and <c>\_</c> keep their backslash for LIKE; an unknown escape is the character itself.</summary>
internal static class TextEscapes
{
    public static string Unescape(string body, char quote)
    {
        if (!body.Contains('\\', StringComparison.Ordinal) && !body.Contains(quote, StringComparison.Ordinal))
        {
            return body;
        }

        var text = new StringBuilder(body.Length);
        for (var at = 0; at < body.Length; at++)
        {
            if (body[at] == quote)
            {
                text.Append(quote);
                at++;
            }
            else if (body[at] != '\\' || at + 1 >= body.Length)
            {
                text.Append(body[at]);
            }
            else
            {
                at += Escape(body, at + 1, text);
            }
        }

        return text.ToString();
    }

    /// <summary>Appends what the escape at <paramref name="at"/> stands for; gives how many characters it takes.</summary>
    private static int Escape(string body, int at, StringBuilder text)
    {
        var kind = body[at];
        if (kind == 'u' && Hex(body, at + 1, 4) is { } unit)
        {
            text.Append((char)unit);
            return 5;
        }

        if (kind == 'U' && Hex(body, at + 1, 8) is { } point && point <= 0x10FFFF && point is < 0xD800 or > 0xDFFF)
        {
            text.Append(char.ConvertFromUtf32(point));
            return 9;
        }

        if (kind is >= '0' and <= '3' && at + 2 < body.Length && body[at + 1] is >= '0' and <= '7' && body[at + 2] is >= '0' and <= '7')
        {
            text.Append((char)(((kind - '0') << 6) | ((body[at + 1] - '0') << 3) | (body[at + 2] - '0')));
            return 3;
        }

        text.Append(kind switch
        {
            '0' => "\0",
            'b' => "\b",
            'n' => "\n",
            'r' => "\r",
            't' => "\t",
            'Z' => "\u001A",
            '%' => "\\%",
            '_' => "\\_",
            _ => kind.ToString(),
        });
        return 1;
    }

    private static int? Hex(string body, int at, int digits) =>
        at + digits <= body.Length && int.TryParse(body.AsSpan(at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) ? value : null;
}
