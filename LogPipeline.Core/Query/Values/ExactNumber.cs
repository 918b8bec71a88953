using System.Globalization;
using System.Numerics;

namespace LogPipeline.Core.Query.Values;

/// <summary>An exact decimal number: <paramref name="Unscaled"/> × 10^-<paramref name="Scale"/>.</summary>
/// <param name="Unscaled">All digits.</param>
/// <param name="Scale">Digits after the point; negative for trailing zeros.</param>
internal readonly record struct ExactNumber(BigInteger Unscaled, int Scale)
{
    private const int MaxDigits = 400;

    /// <summary>Reads what Java's <c>BigDecimal</c> reads, with white space around it: <c>-1.50</c>, <c>1e2</c>, <c>.5</c>.</summary>
    public static bool TryParse(string text, out ExactNumber number)
    {
        number = default;
        var rest = text.AsSpan().Trim(Blanks);
        var exponent = 0;
        var mark = rest.IndexOfAny('e', 'E');
        if (mark >= 0)
        {
            var power = rest[(mark + 1)..];
            if (power.Length > 11 || !int.TryParse(power, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent))
            {
                return false;
            }

            rest = rest[..mark];
        }

        var negative = rest.Length > 0 && rest[0] == '-';
        if (rest.Length > 0 && rest[0] is '-' or '+')
        {
            rest = rest[1..];
        }

        var point = rest.IndexOf('.');
        var digits = point < 0 ? rest.ToString() : string.Concat(rest[..point], rest[(point + 1)..]);
        if (digits.Length == 0 || digits.AsSpan().IndexOfAnyExceptInRange('0', '9') >= 0)
        {
            return false;
        }

        var unscaled = BigInteger.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
        number = new(negative ? -unscaled : unscaled, (point < 0 ? 0 : rest.Length - point - 1) - exponent);
        return true;
    }

    /// <summary>The exact value of a finite floating-point number.</summary>
    public static ExactNumber OfBinary(double value)
    {
        var bits = BitConverter.DoubleToInt64Bits(value);
        var exponent = (int)((bits >> 52) & 0x7FF);
        var mantissa = bits & 0xF_FFFF_FFFF_FFFF;
        if (exponent == 0)
        {
            exponent++;
        }
        else
        {
            mantissa |= 1L << 52;
        }

        exponent -= 1075;
        BigInteger unscaled = bits < 0 ? -mantissa : mantissa;
        return exponent >= 0
            ? new(unscaled << exponent, 0)
            : new(unscaled * BigInteger.Pow(5, -exponent), -exponent);
    }

    /// <summary>The value as it is printed by <see cref="JavaNumber"/>.</summary>
    public static ExactNumber OfPrinted(double value)
    {
        var digits = JavaNumber.Digits(value, out var exponent);
        var unscaled = BigInteger.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
        return new(double.IsNegative(value) ? -unscaled : unscaled, digits.Length - exponent);
    }

    /// <summary>Rounds to a scale.</summary>
    /// <param name="scale">Digits after the point to keep; negative rounds before the point.</param>
    /// <param name="halfEven">Whether ties go to the even neighbour; else away from zero.</param>
    /// <param name="precision">Digits that the result may have.</param>
    /// <param name="unscaled">The result × 10^<paramref name="scale"/>.</param>
    public bool TryRound(int scale, bool halfEven, int precision, out BigInteger unscaled)
    {
        if (Unscaled.IsZero)
        {
            unscaled = BigInteger.Zero;
            return true;
        }

        var shift = (long)scale - Scale;
        if (shift > MaxDigits)
        {
            unscaled = default;
            return false;
        }

        unscaled = shift >= 0 ? Unscaled * BigInteger.Pow(10, (int)shift)
            : -shift > 20_000 ? BigInteger.Zero
            : Divide(Unscaled, BigInteger.Pow(10, (int)-shift), halfEven);
        return BigInteger.Abs(unscaled) < BigInteger.Pow(10, precision);
    }

    /// <summary>The quotient rounded to the nearest whole number.</summary>
    public static BigInteger Divide(BigInteger dividend, BigInteger divisor, bool halfEven)
    {
        var quotient = BigInteger.DivRem(dividend, divisor, out var remainder);
        var twice = (BigInteger.Abs(remainder) * 2).CompareTo(BigInteger.Abs(divisor));
        return twice > 0 || (twice == 0 && (!halfEven || !quotient.IsEven))
            ? quotient + (dividend.Sign * divisor.Sign)
            : quotient;
    }

    /// <summary>Plain digits with <paramref name="scale"/> of them after the point.</summary>
    public static string Print(BigInteger unscaled, int scale)
    {
        var digits = BigInteger.Abs(unscaled).ToString(CultureInfo.InvariantCulture).PadLeft(Math.Max(scale, 0) + 1, '0');
        var sign = unscaled.Sign < 0 ? "-" : "";
        return scale <= 0
            ? sign + digits + (unscaled.IsZero ? "" : new string('0', -scale))
            : $"{sign}{digits[..^scale]}.{digits[^scale..]}";
    }

    private static ReadOnlySpan<char> Blanks => "\0\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\v\f\r\u000e\u000f\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f ";
}
