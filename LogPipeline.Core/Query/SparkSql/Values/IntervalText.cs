using System.Globalization;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.SparkSql.Values;

/// <summary>Interval literals: months, or microseconds.</summary>
internal static class IntervalText
{
    private static readonly string[] _fields = ["YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND"];

    /// <summary>The field that a unit's name means; WEEK, MILLISECOND and MICROSECOND are units without a field.</summary>
    public static string? UnitOf(string word)
    {
        var unit = word.ToUpperInvariant();
        unit = unit.EndsWith('S') ? unit[..^1] : unit;
        return unit is "YEAR" or "MONTH" or "WEEK" or "DAY" or "HOUR" or "MINUTE" or "SECOND" or "MILLISECOND" or "MICROSECOND" ? unit : null;
    }

    /// <summary>Microseconds of one unit of time; 0 for years and months.</summary>
    public static long MicrosOf(string unit) => unit switch
    {
        "WEEK" => 7 * SparkDates.MicrosPerDay,
        "DAY" => SparkDates.MicrosPerDay,
        "HOUR" => 3_600_000_000,
        "MINUTE" => 60_000_000,
        "SECOND" => 1_000_000,
        "MILLISECOND" => 1_000,
        "MICROSECOND" => 1,
        _ => 0,
    };

    /// <summary>Adds up <c>1 HOUR 30 MINUTES</c>; null when it mixes months with time, or a value is no number (then <paramref name="bad"/> names it).</summary>
    public static (IntervalType Type, long Value)? Parse(IReadOnlyList<(string Value, string Unit)> parts, out string? bad)
    {
        bad = null;
        long months = 0;
        long micros = 0;
        var first = 5;
        var last = 0;
        var anyMonths = false;
        var anyTime = false;
        foreach (var (text, word) in parts)
        {
            if (UnitOf(word) is not { } unit || !decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) || (unit != "SECOND" && value != decimal.Truncate(value)))
            {
                bad = text;
                return null;
            }

            var field = unit switch { "WEEK" => "DAY", "MILLISECOND" or "MICROSECOND" => "SECOND", _ => unit };
            first = Math.Min(first, Array.IndexOf(_fields, field));
            last = Math.Max(last, Array.IndexOf(_fields, field));
            try
            {
                if (unit is "YEAR" or "MONTH")
                {
                    anyMonths = true;
                    months = checked(months + ((long)value * (unit == "YEAR" ? 12 : 1)));
                }
                else
                {
                    anyTime = true;
                    micros = checked(micros + (long)decimal.Truncate(value * MicrosOf(unit)));
                }
            }
            catch (OverflowException)
            {
                bad = text;
                return null;
            }
        }

        return anyMonths && anyTime ? null
            : (new IntervalType(_fields[first], _fields[last]), anyMonths ? months : micros);
    }

    /// <summary>Reads <c>'2-5' YEAR TO MONTH</c> and <c>'5 04:03:02.1' DAY TO SECOND</c>, from any day or time field to any later one.</summary>
    public static (IntervalType Type, long Value)? ParseRange(string text, string from, string to)
    {
        var low = Array.IndexOf(_fields, from);
        var high = Array.IndexOf(_fields, to.ToUpperInvariant());
        if (low < 0 || high <= low)
        {
            return null;
        }

        text = text.Trim();
        var negative = text.StartsWith('-');
        var pieces = text.TrimStart('+', '-').Split([' ', ':', '-'], StringSplitOptions.None);
        if (pieces.Length != high - low + 1 || (from == "YEAR" && high != 1) || (low == 1))
        {
            return null;
        }

        var parts = pieces.Select((piece, index) => (piece, _fields[low + index])).ToArray();
        if (pieces.Any(piece => piece.Length == 0 || !char.IsAsciiDigit(piece[0])) || Parse(parts, out _) is not { } interval)
        {
            return null;
        }

        return (new IntervalType(_fields[low], _fields[high]), negative ? -interval.Value : interval.Value);
    }
}
