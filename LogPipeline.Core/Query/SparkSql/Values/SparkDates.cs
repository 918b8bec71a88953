using System.Globalization;

namespace LogPipeline.Core.Query.SparkSql.Values;

/// <summary>Days and instants on the proleptic Gregorian calendar, read and printed as Spark's casts do with session time zone UTC.</summary>
/// <remarks>Source: Spark's <c>SparkDateTimeUtils.stringToDate</c> and <c>parseTimestampString</c>.</remarks>
internal static class SparkDates
{
    public const long MicrosPerDay = 86_400_000_000;

    /// <summary>Days since 1970-01-01, or null when there is no such date.</summary>
    public static long? Days(long year, int month, int day)
    {
        if (month is < 1 or > 12 || day < 1 || day > DaysInMonth(year, month))
        {
            return null;
        }

        var y = month <= 2 ? year - 1 : year;
        var era = Math.DivRem(y >= 0 ? y : y - 399, 400).Quotient;
        var yearOfEra = y - (era * 400);
        var dayOfYear = (((153 * (month + (month > 2 ? -3 : 9))) + 2) / 5) + day - 1;
        var dayOfEra = (yearOfEra * 365) + (yearOfEra / 4) - (yearOfEra / 100) + dayOfYear;
        return (era * 146097) + dayOfEra - 719468;
    }

    public static int DaysInMonth(long year, int month) => month switch
    {
        2 => year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28,
        4 or 6 or 9 or 11 => 30,
        _ => 31,
    };

    /// <summary>Year, month and day of a day number.</summary>
    public static (long Year, int Month, int Day) Civil(long days)
    {
        days += 719468;
        var era = (days >= 0 ? days : days - 146096) / 146097;
        var dayOfEra = days - (era * 146097);
        var yearOfEra = (dayOfEra - (dayOfEra / 1460) + (dayOfEra / 36524) - (dayOfEra / 146096)) / 365;
        var dayOfYear = dayOfEra - ((365 * yearOfEra) + (yearOfEra / 4) - (yearOfEra / 100));
        var shifted = ((5 * dayOfYear) + 2) / 153;
        var day = (int)(dayOfYear - (((153 * shifted) + 2) / 5) + 1);
        var month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
        return (yearOfEra + (era * 400) + (month <= 2 ? 1 : 0), month, day);
    }

    /// <summary><c>2015-05-17</c>; a year beyond 9999 has a sign.</summary>
    public static string FormatDate(long days)
    {
        var (year, month, day) = Civil(days);
        var sign = year < 0 ? "-" : year > 9999 ? "+" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{sign}{Math.Abs(year):0000}-{month:00}-{day:00}");
    }

    /// <summary><c>2015-05-17 10:05:03.25</c> in UTC, without trailing zeros.</summary>
    public static string FormatTimestamp(long micros)
    {
        var days = Math.DivRem(micros, MicrosPerDay).Quotient - (micros < 0 && micros % MicrosPerDay != 0 ? 1 : 0);
        var time = micros - (days * MicrosPerDay);
        var fraction = (time % 1_000_000).ToString("000000", CultureInfo.InvariantCulture).TrimEnd('0');
        return string.Create(CultureInfo.InvariantCulture, $"{FormatDate(days)} {time / 3_600_000_000:00}:{time / 60_000_000 % 60:00}:{time / 1_000_000 % 60:00}{(fraction.Length > 0 ? "." : "")}{fraction}");
    }

    /// <summary>The day of <c>2015</c>, <c>2015-5</c>, <c>2015-05-17</c>, with anything after a blank or T; null when malformed.</summary>
    public static long? ParseDate(string text)
    {
        var rest = TrimAll(text).AsSpan();
        if (!TakeYear(ref rest, out var year))
        {
            return null;
        }

        int month = 1, day = 1;
        if (rest.Length > 0)
        {
            if (!TakeAfter(ref rest, '-', 2, out month))
            {
                return null;
            }

            if (rest.Length > 0)
            {
                if (!TakeAfter(ref rest, '-', 2, out day) || (rest.Length > 0 && rest[0] is not (' ' or 'T')))
                {
                    return null;
                }
            }
        }

        return Days(year, month, day);
    }

    /// <summary>The instant of <c>2015-05-17 10:05:03.25+02:00</c> or of any shorter form; null when malformed. Text without a zone is UTC.</summary>
    public static long? ParseTimestamp(string text, out bool zoned)
    {
        zoned = false;
        var rest = TrimAll(text).AsSpan();
        if (!TakeYear(ref rest, out var year))
        {
            return null;
        }

        int month = 1, day = 1;
        long time = 0;
        if (rest.Length > 0 && !TakeAfter(ref rest, '-', 2, out month))
        {
            return null;
        }

        if (rest.Length > 0 && !TakeAfter(ref rest, '-', 2, out day))
        {
            return null;
        }

        if (rest.Length > 0)
        {
            if (rest[0] is not (' ' or 'T'))
            {
                return null;
            }

            rest = rest[1..];
            if (!TakeTime(ref rest, out time))
            {
                return null;
            }
        }

        if (Days(year, month, day) is not { } days)
        {
            return null;
        }

        long local;
        try
        {
            local = checked((days * MicrosPerDay) + time);
        }
        catch (OverflowException)
        {
            return null;
        }

        if (rest.Length == 0)
        {
            return local;
        }

        zoned = true;
        return SparkZones.ToUtc(local, rest.Trim().ToString());
    }

    /// <summary>Without blanks and control characters at both ends, as Spark's casts see text.</summary>
    public static string TrimAll(string text)
    {
        var (start, end) = (0, text.Length);
        while (start < end && text[start] <= ' ')
        {
            start++;
        }

        while (end > start && text[end - 1] <= ' ')
        {
            end--;
        }

        return text[start..end];
    }

    private static bool TakeYear(ref ReadOnlySpan<char> rest, out long year)
    {
        year = 0;
        var negative = rest.Length > 0 && rest[0] == '-';
        if (rest.Length > 0 && rest[0] is '+' or '-')
        {
            rest = rest[1..];
        }

        var digits = 0;
        while (digits < rest.Length && char.IsAsciiDigit(rest[digits]))
        {
            digits++;
        }

        if (digits is < 4 or > 7)
        {
            return false;
        }

        year = long.Parse(rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture);
        year = negative ? -year : year;
        rest = rest[digits..];
        return true;
    }

    private static bool TakeAfter(ref ReadOnlySpan<char> rest, char mark, int most, out int value)
    {
        value = 0;
        if (rest.Length == 0 || rest[0] != mark)
        {
            return false;
        }

        rest = rest[1..];
        return TakeDigits(ref rest, most, out value);
    }

    private static bool TakeDigits(ref ReadOnlySpan<char> rest, int most, out int value)
    {
        value = 0;
        var digits = 0;
        while (digits < rest.Length && char.IsAsciiDigit(rest[digits]))
        {
            value = (value * 10) + (rest[digits] - '0');
            if (++digits > most)
            {
                return false;
            }
        }

        rest = rest[digits..];
        return digits > 0;
    }

    private static bool TakeTime(ref ReadOnlySpan<char> rest, out long micros)
    {
        micros = 0;
        if (!TakeDigits(ref rest, 2, out var hour) || !TakeAfter(ref rest, ':', 2, out var minute))
        {
            return false;
        }

        var second = 0;
        long fraction = 0;
        if (rest.Length > 0 && rest[0] == ':')
        {
            if (!TakeAfter(ref rest, ':', 2, out second))
            {
                return false;
            }

            if (rest.Length > 0 && rest[0] == '.')
            {
                rest = rest[1..];
                var digits = 0;
                while (digits < rest.Length && char.IsAsciiDigit(rest[digits]))
                {
                    fraction = digits < 6 ? (fraction * 10) + (rest[digits] - '0') : fraction;
                    digits++;
                }

                for (var place = digits; place < 6; place++)
                {
                    fraction *= 10;
                }

                rest = rest[digits..];
            }
        }

        if (hour > 23 || minute > 59 || second > 59)
        {
            return false;
        }

        micros = (((((hour * 60L) + minute) * 60) + second) * 1_000_000) + fraction;
        return true;
    }
}
