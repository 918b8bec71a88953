using System.Globalization;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.SparkSql.Values;

/// <summary>Spark's ANSI casts of strings to other types.</summary>
/// <remarks>Source: Spark's <c>UTF8String.toLong</c>, <c>Cast</c> and <c>SparkDateTimeUtils</c>.</remarks>
internal static class SparkCast
{
    private static readonly System.Buffers.SearchValues<char> _numberCharacters = System.Buffers.SearchValues.Create("0123456789+-.eE");

    /// <summary>The value of a string in another type as literals hold it; null when malformed.</summary>
    public static object? FromText(string text, DataType target)
    {
        if (target == DataTypes.String)
        {
            return text;
        }

        if (target == DataTypes.Byte)
        {
            return Whole(text, sbyte.MinValue, sbyte.MaxValue);
        }

        if (target == DataTypes.Short)
        {
            return Whole(text, short.MinValue, short.MaxValue);
        }

        if (target == DataTypes.Integer)
        {
            return Whole(text, int.MinValue, int.MaxValue);
        }

        if (target == DataTypes.Long)
        {
            return Whole(text, long.MinValue, long.MaxValue);
        }

        if (target == DataTypes.Double)
        {
            return Double(text);
        }

        if (target == DataTypes.Float)
        {
            return Double(text) is { } number ? (double)(float)number : null;
        }

        if (target == DataTypes.Boolean)
        {
            return Boolean(text);
        }

        if (target == DataTypes.Date)
        {
            return SparkDates.ParseDate(text);
        }

        return target == DataTypes.Timestamp ? SparkDates.ParseTimestamp(text, out _) : null;
    }

    /// <summary>A whole number with a sign at most, between blanks.</summary>
    public static long? Whole(string text, long low, long high)
    {
        var trimmed = SparkDates.TrimAll(text);
        var digits = trimmed.AsSpan().TrimStart("+-");
        return trimmed.Length - digits.Length <= 1 && digits.Length > 0 && digits.IndexOfAnyExceptInRange('0', '9') < 0
            && long.TryParse(trimmed, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= low && value <= high
            ? value
            : null;
    }

    /// <summary>A number as Java's Double.parseDouble reads it, or Spark's names of NaN and the infinities.</summary>
    public static double? Double(string text)
    {
        var trimmed = SparkDates.TrimAll(text);
        switch (trimmed.ToUpperInvariant())
        {
            case "NAN":
                return double.NaN;
            case "INF" or "+INF" or "INFINITY" or "+INFINITY":
                return double.PositiveInfinity;
            case "-INF" or "-INFINITY":
                return double.NegativeInfinity;
        }

        if (trimmed.Length > 0 && trimmed[^1] is 'd' or 'D' or 'f' or 'F' && char.IsAsciiDigit(trimmed.Length > 1 ? trimmed[^2] : ' '))
        {
            trimmed = trimmed[..^1];
        }

        var style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return trimmed.Length > 0 && trimmed.AsSpan().IndexOfAnyExcept(_numberCharacters) < 0 && double.TryParse(trimmed, style, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;
    }

    public static bool? Boolean(string text) => SparkDates.TrimAll(text).ToUpperInvariant() switch
    {
        "T" or "TRUE" or "Y" or "YES" or "1" => true,
        "F" or "FALSE" or "N" or "NO" or "0" => false,
        _ => null,
    };
}
