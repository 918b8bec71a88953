using System.Globalization;
using System.Numerics;

namespace LogPipeline.Core.Query.SparkSql.Values;

/// <summary>An exact number: <c>Unscaled × 10^-Scale</c>.</summary>
internal readonly record struct SparkDecimal(BigInteger Unscaled, int Scale)
{
    /// <summary>Digits of the number as Spark counts them: at least as many as the scale.</summary>
    public int Precision
    {
        get
        {
            var digits = Unscaled.IsZero ? 1 : BigInteger.Abs(Unscaled).ToString(CultureInfo.InvariantCulture).Length;
            return Math.Max(digits, Scale);
        }
    }

    /// <summary>Reads <c>12.50</c>, <c>-.5</c> or <c>1e-3</c>; a positive exponent gives scale 0.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out SparkDecimal value)
    {
        value = default;
        var exponent = 0;
        var e = text.IndexOfAny('e', 'E');
        if (e >= 0)
        {
            if (!int.TryParse(text[(e + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent) || Math.Abs(exponent) > 6000)
            {
                return false;
            }

            text = text[..e];
        }

        var negative = false;
        if (text.Length > 0 && text[0] is '+' or '-')
        {
            negative = text[0] == '-';
            text = text[1..];
        }

        var unscaled = BigInteger.Zero;
        var scale = 0;
        var digits = 0;
        var point = false;
        foreach (var character in text)
        {
            if (character == '.' && !point)
            {
                point = true;
            }
            else if (char.IsAsciiDigit(character) && digits < 6000)
            {
                unscaled = (unscaled * 10) + (character - '0');
                digits++;
                scale += point ? 1 : 0;
            }
            else
            {
                return false;
            }
        }

        if (digits == 0)
        {
            return false;
        }

        scale -= exponent;
        if (scale < 0)
        {
            unscaled *= BigInteger.Pow(10, -scale);
            scale = 0;
        }

        value = new SparkDecimal(negative ? -unscaled : unscaled, scale);
        return true;
    }

    /// <summary>The same number with another scale, rounded half away from zero.</summary>
    public SparkDecimal WithScale(int scale)
    {
        if (scale >= Scale)
        {
            return new SparkDecimal(Unscaled * BigInteger.Pow(10, scale - Scale), scale);
        }

        var divisor = BigInteger.Pow(10, Scale - scale);
        var quotient = BigInteger.DivRem(Unscaled, divisor, out var remainder);
        if (BigInteger.Abs(remainder) * 2 >= divisor)
        {
            quotient += Unscaled.Sign;
        }

        return new SparkDecimal(quotient, scale);
    }

    /// <summary>Whether it fits <c>decimal(precision, scale)</c> with its own scale.</summary>
    public bool Fits(int precision) => BigInteger.Abs(Unscaled) < BigInteger.Pow(10, precision);

    /// <inheritdoc/>
    public override string ToString()
    {
        var digits = BigInteger.Abs(Unscaled).ToString(CultureInfo.InvariantCulture).PadLeft(Scale + 1, '0');
        var text = Scale == 0 ? digits : $"{digits[..^Scale]}.{digits[^Scale..]}";
        return Unscaled.Sign < 0 ? "-" + text : text;
    }
}
