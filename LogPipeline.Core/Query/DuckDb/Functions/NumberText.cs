using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace LogPipeline.Core.Query.DuckDb.Functions;

/// <summary>Reads numbers from text as Spark's ANSI casts do.</summary>
/// <remarks>Source: Spark's <c>UTF8String.toLong</c> for integers and Java's <c>Double.parseDouble</c> for the others.</remarks>
internal static class NumberText
{
    /// <summary>Without white space and control characters at both ends, as <c>UTF8String.trimAll</c>.</summary>
    public static ReadOnlySpan<byte> Trim(ReadOnlySpan<byte> utf8)
    {
        var start = 0;
        var end = utf8.Length;
        while (start < end && utf8[start] is <= 32 or 127)
        {
            start++;
        }

        while (end > start && utf8[end - 1] is <= 32 or 127)
        {
            end--;
        }

        return utf8[start..end];
    }

    /// <summary>A sign and digits: <c> +7 </c>, <c>-42</c>; no point and no exponent.</summary>
    public static bool TryInteger(ReadOnlySpan<byte> utf8, out long value)
    {
        var text = Trim(utf8);
        if (text.Length > 1 && text[0] == '+' && text[1] is >= (byte)'0' and <= (byte)'9')
        {
            text = text[1..];
        }

        return Utf8Parser.TryParse(text, out value, out var read) && read == text.Length && read > 0 && text[0] != '+';
    }

    public static bool TryFloat(ReadOnlySpan<byte> utf8, out float value)
    {
        value = 0;
        if (Special(utf8) is { } special)
        {
            value = (float)special;
            return true;
        }

        return TryJava(utf8, out var text) && float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
    }

    public static bool TryDouble(ReadOnlySpan<byte> utf8, out double value)
    {
        value = 0;
        if (Special(utf8) is { } special)
        {
            value = special;
            return true;
        }

        return TryJava(utf8, out var text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
    }

    private static double? Special(ReadOnlySpan<byte> utf8)
    {
        var text = TrimJava(utf8);
        return text.Length is < 3 or > 9 ? null : Encoding.UTF8.GetString(text).ToLowerInvariant() switch
        {
            "inf" or "+inf" or "infinity" or "+infinity" => double.PositiveInfinity,
            "-inf" or "-infinity" => double.NegativeInfinity,
            "nan" => double.NaN,
            "+nan" or "-nan" when text[1] == 'N' && text[2] == 'a' => double.NaN,
            _ => null,
        };
    }

    /// <summary>Java's grammar of a decimal floating-point number: <c>.5</c>, <c>1.</c>, <c>1e3</c>, <c>2.5d</c>.</summary>
    private static bool TryJava(ReadOnlySpan<byte> utf8, out string text)
    {
        text = "";
        var number = TrimJava(utf8);
        if (number.Length > 0 && (char)number[^1] is 'd' or 'D' or 'f' or 'F')
        {
            number = number[..^1];
        }

        var at = number.Length > 0 && number[0] is (byte)'+' or (byte)'-' ? 1 : 0;
        if (number.Length > at + 1 && number[at] == '0' && number[at + 1] is (byte)'x' or (byte)'X' && number.IndexOfAny((byte)'p', (byte)'P') > 0)
        {
            throw SparkFailure.Unsupported("The embedded engine does not read hexadecimal floating-point text; Spark answers it.");
        }

        var digits = Digits(number, ref at);
        if (at < number.Length && number[at] == '.')
        {
            at++;
            digits += Digits(number, ref at);
        }

        if (digits == 0)
        {
            return false;
        }

        if (at < number.Length && number[at] is (byte)'e' or (byte)'E')
        {
            at++;
            if (at < number.Length && number[at] is (byte)'+' or (byte)'-')
            {
                at++;
            }

            if (Digits(number, ref at) == 0)
            {
                return false;
            }
        }

        if (at != number.Length)
        {
            return false;
        }

        text = Encoding.ASCII.GetString(number);
        return true;
    }

    private static int Digits(ReadOnlySpan<byte> text, ref int at)
    {
        var start = at;
        while (at < text.Length && text[at] is >= (byte)'0' and <= (byte)'9')
        {
            at++;
        }

        return at - start;
    }

    /// <summary>Java's <c>String.trim</c>.</summary>
    private static ReadOnlySpan<byte> TrimJava(ReadOnlySpan<byte> utf8)
    {
        while (utf8.Length > 0 && utf8[0] <= 32)
        {
            utf8 = utf8[1..];
        }

        while (utf8.Length > 0 && utf8[^1] <= 32)
        {
            utf8 = utf8[..^1];
        }

        return utf8;
    }
}
