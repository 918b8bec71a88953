namespace LogPipeline.Core.Ingest.Formats;

/// <summary>Reads instants as microseconds since 1970, UTC.</summary>
internal static class Timestamps
{
    /// <summary>Microseconds of a day.</summary>
    public const long Day = 86_400_000_000;

    /// <summary>Reads RFC 3339 with a zone: <c>2025-11-23T03:41:07.123456Z</c>, <c>2025-11-23 03:41:07+01:00</c>. Digits beyond microseconds are dropped.</summary>
    public static bool TryRfc3339(ReadOnlySpan<byte> text, out long micros)
    {
        micros = 0;
        if (text.Length < 20 || text[4] != '-' || text[7] != '-' || text[10] is not ((byte)'T' or (byte)'t' or (byte)' ') || text[13] != ':' || text[16] != ':')
        {
            return false;
        }

        var year = (Two(text, 0) * 100) + Two(text, 2);
        if (!TryDateTime(year, Two(text, 5), Two(text, 8), Two(text, 11), Two(text, 14), Two(text, 17), out micros) || Two(text, 0) < 0 || Two(text, 2) < 0)
        {
            return false;
        }

        var at = 19;
        if (text[at] is (byte)'.' or (byte)',')
        {
            long fraction = 0;
            long unit = 100_000;
            var first = ++at;
            for (; at < text.Length && text[at] is >= (byte)'0' and <= (byte)'9'; at++)
            {
                fraction += (text[at] - '0') * unit;
                unit /= 10;
            }

            if (at == first)
            {
                return false;
            }

            micros += fraction;
        }

        var zone = text[at..];
        if (zone.Length == 1)
        {
            return zone[0] is (byte)'Z' or (byte)'z';
        }

        if (!TryZone(zone, out var minutes))
        {
            return false;
        }

        micros -= minutes * 60_000_000L;
        return true;
    }

    /// <summary>Reads the time of access logs: <c>17/May/2015:10:05:03 +0000</c>.</summary>
    public static bool TryAccessLog(ReadOnlySpan<byte> text, out long micros)
    {
        micros = 0;
        if (text.Length != 26 || text[2] != '/' || text[6] != '/' || text[11] != ':' || text[14] != ':' || text[17] != ':' || text[20] != ' ')
        {
            return false;
        }

        var month = (text[3] | 0x20, text[4] | 0x20, text[5] | 0x20) switch
        {
            ('j', 'a', 'n') => 1,
            ('f', 'e', 'b') => 2,
            ('m', 'a', 'r') => 3,
            ('a', 'p', 'r') => 4,
            ('m', 'a', 'y') => 5,
            ('j', 'u', 'n') => 6,
            ('j', 'u', 'l') => 7,
            ('a', 'u', 'g') => 8,
            ('s', 'e', 'p') => 9,
            ('o', 'c', 't') => 10,
            ('n', 'o', 'v') => 11,
            ('d', 'e', 'c') => 12,
            _ => 0,
        };
        if (Two(text, 7) < 0 || Two(text, 9) < 0
            || !TryDateTime((Two(text, 7) * 100) + Two(text, 9), month, Two(text, 0), Two(text, 12), Two(text, 15), Two(text, 18), out micros)
            || !TryZone(text[21..], out var minutes))
        {
            return false;
        }

        micros -= minutes * 60_000_000L;
        return true;
    }

    /// <summary>Reads epoch milliseconds, with decimals if there are any. What no timestamp can hold is the beginning or the end of time.</summary>
    public static bool TryEpochMilliseconds(ReadOnlySpan<byte> text, out long micros)
    {
        if (System.Buffers.Text.Utf8Parser.TryParse(text, out long whole, out var used) && used == text.Length)
        {
            const long most = long.MaxValue / 1000;
            micros = whole > most ? long.MaxValue : whole < -most ? long.MinValue : whole * 1000;
            return true;
        }

        micros = 0;
        if (!Numbers.TryDouble(text, out var real))
        {
            return false;
        }

        micros = real > 9e15 ? long.MaxValue : real < -9e15 ? long.MinValue : (long)Math.Round(real * 1000);
        return true;
    }

    // Second 60 is a leap second: it is the first of the next minute.
    private static bool TryDateTime(int year, int month, int day, int hour, int minute, int second, out long micros)
    {
        micros = 0;
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || (uint)hour > 23 || (uint)minute > 59 || (uint)second > 60)
        {
            return false;
        }

        micros = (DaysSinceEpoch(year, month, day) * Day) + ((((hour * 60L) + minute) * 60) + second) * 1_000_000;
        return true;
    }

    // Days of the proleptic Gregorian calendar, counted in eras of 400 years that start on 1 March.
    private static long DaysSinceEpoch(int year, int month, int day)
    {
        var shifted = month <= 2 ? year - 1 : year;
        var era = shifted / 400;
        var yearOfEra = shifted - (era * 400);
        var dayOfYear = (((153 * (month + (month > 2 ? -3 : 9))) + 2) / 5) + day - 1;
        var dayOfEra = (yearOfEra * 365) + (yearOfEra / 4) - (yearOfEra / 100) + dayOfYear;
        return (era * 146_097L) + dayOfEra - 719_468;
    }

    // +hh:mm or +hhmm
    private static bool TryZone(ReadOnlySpan<byte> text, out int minutes)
    {
        minutes = 0;
        if (text.Length is not (5 or 6) || text[0] is not ((byte)'+' or (byte)'-') || (text.Length == 6 && text[3] != ':'))
        {
            return false;
        }

        var hour = Two(text, 1);
        var minute = Two(text, text.Length - 2);
        if ((uint)hour > 23 || (uint)minute > 59)
        {
            return false;
        }

        minutes = ((hour * 60) + minute) * (text[0] == '-' ? -1 : 1);
        return true;
    }

    // Two digits, or a number so negative that no sum of it is valid.
    private static int Two(ReadOnlySpan<byte> text, int at)
    {
        var tens = (uint)(text[at] - '0');
        var ones = (uint)(text[at + 1] - '0');
        return tens <= 9 && ones <= 9 ? (int)((tens * 10) + ones) : -10_000;
    }
}
