using System.Text;
using LogPipeline.Core.Query.Values;

namespace LogPipeline.Core.Query.DuckDb.Functions;

/// <summary>Reads days and instants from text as Spark's casts do.</summary>
/// <remarks>
/// Source: Spark's <c>SparkDateTimeUtils</c>. Samples: <c>2015</c>, <c>2015-5</c>, <c>2015-05-17T10:00:00.123Z</c>,
/// <c>2015-05-17 10:0:5 Europe/Paris</c>; digits after the sixth are cut.
/// </remarks>
internal static class TimeText
{
    public static bool TryDate(ReadOnlySpan<byte> utf8, out int days)
    {
        days = 0;
        var text = NumberText.Trim(utf8);
        if (text.Length == 0)
        {
            return false;
        }

        var sign = Sign(ref text) ?? 1;
        Span<int> segments = [1, 1, 1];
        var segment = 0;
        var value = 0;
        var digits = 0;
        var at = 0;
        for (; at < text.Length && text[at] is not ((byte)' ' or (byte)'T'); at++)
        {
            if (segment < 2 && text[at] == '-')
            {
                if (!IsDateSegment(segment, digits))
                {
                    return false;
                }

                segments[segment++] = value;
                value = digits = 0;
            }
            else if (text[at] is >= (byte)'0' and <= (byte)'9' && digits < 9)
            {
                value = (value * 10) + text[at] - '0';
                digits++;
            }
            else
            {
                return false;
            }
        }

        if (!IsDateSegment(segment, digits) || (segment < 2 && at < text.Length))
        {
            return false;
        }

        segments[segment] = value;
        return SparkCalendar.TryDays((long)sign * segments[0], segments[1], segments[2], out days);
    }

    private static bool IsDateSegment(int segment, int digits) => segment == 0 ? digits is >= 4 and <= 7 : digits is 1 or 2;

    public static bool TryTimestamp(ReadOnlySpan<byte> utf8, out long micros)
    {
        micros = 0;
        var text = NumberText.Trim(utf8);
        if (text.Length == 0)
        {
            return false;
        }

        var signed = Sign(ref text);
        Span<int> segments = [1, 1, 1, 0, 0, 0, 0, 0, 0];
        if (!TryTimestampSegments(text, signed is not null, segments, out var zoneAt, out var timeOnly))
        {
            return false;
        }

        var zone = TimeZoneInfo.Utc;
        if (zoneAt >= 0)
        {
            zone = Zones.Find(Encoding.UTF8.GetString(text[zoneAt..]).Trim());
        }

        if (zone is null || segments[3] > 23 || segments[4] > 59 || segments[5] > 59)
        {
            return false;
        }

        if (timeOnly)
        {
            throw SparkFailure.Unsupported("The embedded engine does not complete a time of day with today's date; Spark answers it.");
        }

        if (!SparkCalendar.TryDays((long)(signed ?? 1) * segments[0], segments[1], segments[2], out var days))
        {
            return false;
        }

        var wall = ((Int128)days * SparkCalendar.MicrosPerDay) + (((segments[3] * 3_600L) + (segments[4] * 60L) + segments[5]) * 1_000_000) + segments[6];
        if (wall < long.MinValue + SparkCalendar.MicrosPerDay || wall > long.MaxValue - SparkCalendar.MicrosPerDay)
        {
            return false;
        }

        micros = Zones.FromWall((long)wall, zone);
        return true;
    }

    /// <summary>The segments are year, month, day, hour, minute, second, microsecond; a zone begins where the digits of the time end.</summary>
    private static bool TryTimestampSegments(ReadOnlySpan<byte> text, bool signed, Span<int> segments, out int zoneAt, out bool timeOnly)
    {
        zoneAt = -1;
        timeOnly = false;
        var segment = 0;
        var value = 0;
        var digits = 0;
        var fraction = 0;
        for (var at = 0; at < text.Length; at++)
        {
            var current = text[at];
            if (current is >= (byte)'0' and <= (byte)'9')
            {
                if (segment == 6)
                {
                    fraction++;
                }

                if (segment != 6 || digits < 6)
                {
                    if (digits > 8)
                    {
                        return false;
                    }

                    value = (value * 10) + current - '0';
                }

                digits++;
                continue;
            }

            if (at == 0 && current == 'T' && !signed)
            {
                timeOnly = true;
                segment = 3;
                continue;
            }

            if (segment == 0 && current == ':' && !signed)
            {
                if (digits is not (1 or 2))
                {
                    return false;
                }

                timeOnly = true;
                segments[3] = value;
                segment = 4;
                value = digits = 0;
                continue;
            }

            var expected = segment switch
            {
                0 or 1 => current == '-',
                2 => current is (byte)' ' or (byte)'T',
                3 or 4 => current == ':',
                5 or 6 => true,
                _ => false,
            };
            if (!expected || !IsTimestampSegment(segment, digits))
            {
                return false;
            }

            segments[segment] = value;
            value = digits = 0;
            if (segment is 5 or 6 && !(current == '.' && segment == 5))
            {
                zoneAt = at;
                segment = 7;
                break;
            }

            segment++;
        }

        if (!IsTimestampSegment(segment, digits))
        {
            return false;
        }

        segments[segment] = value;
        for (; fraction < 6; fraction++)
        {
            segments[6] *= 10;
        }

        return true;
    }

    private static bool IsTimestampSegment(int segment, int digits) => segment switch
    {
        0 => digits is >= 4 and <= 6,
        6 => true,
        7 => digits <= 2,
        _ => digits is 1 or 2,
    };

    private static int? Sign(ref ReadOnlySpan<byte> text)
    {
        if (text[0] is not ((byte)'-' or (byte)'+'))
        {
            return null;
        }

        var sign = text[0] == '-' ? -1 : 1;
        text = text[1..];
        return sign;
    }
}
