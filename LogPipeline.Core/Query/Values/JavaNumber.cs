using System.Globalization;

namespace LogPipeline.Core.Query.Values;

/// <summary>Prints floating-point numbers as Java does: the shortest digits that read back, at least one after the point.</summary>
/// <remarks>Source: the specification of <c>Double.toString</c>. Samples: 1.0, 9999999.0, 1.0E7, 0.001, 1.0E-4, 4.9E-324.</remarks>
internal static class JavaNumber
{
    public static string Print(double value) =>
        double.IsNaN(value) ? "NaN"
        : double.IsInfinity(value) ? value > 0 ? "Infinity" : "-Infinity"
        : Layout(Digits(value, out var exponent), exponent, double.IsNegative(value));

    public static string Print(float value)
    {
        if (float.IsNaN(value))
        {
            return "NaN";
        }

        if (float.IsInfinity(value))
        {
            return value > 0 ? "Infinity" : "-Infinity";
        }

        var shortest = value.ToString("E8", CultureInfo.InvariantCulture);
        for (var places = 1; places < 8; places++)
        {
            var candidate = value.ToString("E" + places.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
            if (float.Parse(candidate, CultureInfo.InvariantCulture) == value)
            {
                shortest = candidate;
                break;
            }
        }

        return Layout(Split(shortest, out var exponent), exponent, float.IsNegative(value));
    }

    /// <summary>The shortest digits of a finite number, without trailing zeros, as 0.d1d2d3… × 10^exponent.</summary>
    public static string Digits(double value, out int exponent)
    {
        var digits = Split(value.ToString("R", CultureInfo.InvariantCulture), out exponent);
        if (digits.Length == 1 && value != 0)
        {
            // Java compares candidates of two digits even when one would do: 4.9E-324.
            var two = value.ToString("E1", CultureInfo.InvariantCulture);
            if (double.Parse(two, CultureInfo.InvariantCulture) == value)
            {
                digits = Split(two, out exponent);
            }
        }

        return digits;
    }

    /// <summary>Takes <c>-123.45</c> or <c>1.2345E+004</c> apart.</summary>
    private static string Split(string printed, out int exponent)
    {
        var text = printed.AsSpan().TrimStart('-');
        exponent = 0;
        var mark = text.IndexOf('E');
        if (mark >= 0)
        {
            exponent = int.Parse(text[(mark + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            text = text[..mark];
        }

        var point = text.IndexOf('.');
        var digits = point < 0 ? text.ToString() : string.Concat(text[..point], text[(point + 1)..]);
        exponent += point < 0 ? text.Length : point;
        var significant = digits.TrimStart('0');
        exponent -= digits.Length - significant.Length;
        significant = significant.TrimEnd('0');
        if (significant.Length == 0)
        {
            exponent = 1;
            return "0";
        }

        return significant;
    }

    private static string Layout(string digits, int exponent, bool negative)
    {
        var sign = negative ? "-" : "";
        if (digits == "0")
        {
            return sign + "0.0";
        }

        // 0.001 has exponent -2; 9999999.0 has exponent 7.
        if (exponent is >= -2 and <= 7)
        {
            if (exponent <= 0)
            {
                return $"{sign}0.{new string('0', -exponent)}{digits}";
            }

            var whole = digits.Length <= exponent ? digits.PadRight(exponent, '0') : digits[..exponent];
            var fraction = digits.Length <= exponent ? "0" : digits[exponent..];
            return $"{sign}{whole}.{fraction}";
        }

        return string.Create(CultureInfo.InvariantCulture, $"{sign}{digits[0]}.{(digits.Length == 1 ? "0" : digits[1..])}E{exponent - 1}");
    }
}
