using System.Globalization;

namespace LogPipeline.Core.Query.Values;

/// <summary>Prints days and instants, whatever their year.</summary>
internal static class InstantText
{
    /// <summary><c>2015-05-17</c>.</summary>
    public static string Date(long days)
    {
        var (year, month, day) = SparkCalendar.FromDays(days);
        var digits = Math.Abs(year).ToString("0000", CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"{(year < 0 ? "-" : year > 9_999 ? "+" : "")}{digits}-{month:00}-{day:00}");
    }

    /// <summary>As Spark's cast to string: <c>2015-05-17 10:00:00.12</c>.</summary>
    public static string Timestamp(long micros) => Print(micros, ' ');

    /// <summary>RFC 3339 without a zone: <c>2015-05-17T10:00:00.12</c>.</summary>
    public static string Rfc3339(long micros) => Print(micros, 'T');

    private static string Print(long micros, char between)
    {
        var days = SparkCalendar.FloorDiv(micros, SparkCalendar.MicrosPerDay);
        var ofDay = micros - (days * SparkCalendar.MicrosPerDay);
        var seconds = ofDay / 1_000_000;
        var fraction = ofDay % 1_000_000;
        var time = string.Create(CultureInfo.InvariantCulture, $"{Date(days)}{between}{seconds / 3_600:00}:{seconds / 60 % 60:00}:{seconds % 60:00}");
        return fraction == 0 ? time : time + "." + fraction.ToString("000000", CultureInfo.InvariantCulture).TrimEnd('0');
    }
}
