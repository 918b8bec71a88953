namespace LogPipeline.Core.Query.Values;

/// <summary>The proleptic Gregorian calendar over every year that Spark knows; .NET's ends at years 1 and 9999.</summary>
/// <remarks>Source: the day algorithms of <c>java.time.LocalDate</c>.</remarks>
internal static class SparkCalendar
{
    public const long MicrosPerDay = 86_400_000_000;

    public static bool IsLeap(long year) => (year & 3) == 0 && (year % 100 != 0 || year % 400 == 0);

    public static int DaysInMonth(long year, int month) => month switch
    {
        2 => IsLeap(year) ? 29 : 28,
        4 or 6 or 9 or 11 => 30,
        _ => 31,
    };

    /// <summary>Days since 1970-01-01, or false when there is no such day.</summary>
    public static bool TryDays(long year, int month, int day, out int days)
    {
        days = 0;
        if (month is < 1 or > 12 || day < 1 || day > DaysInMonth(year, month) || Math.Abs(year) > 5_881_580)
        {
            return false;
        }

        var shifted = month <= 2 ? year - 1 : year;
        var era = Math.DivRem(shifted, 400, out var ofEra);
        if (ofEra < 0)
        {
            era--;
            ofEra += 400;
        }

        var ofYear = ((153 * (month + (month > 2 ? -3 : 9))) + 2) / 5 + day - 1;
        days = (int)((era * 146_097) + (ofEra * 365) + (ofEra / 4) - (ofEra / 100) + ofYear - 719_468);
        return true;
    }

    public static (long Year, int Month, int Day) FromDays(long days)
    {
        var shifted = days + 719_468;
        var era = FloorDiv(shifted, 146_097);
        var ofEra = shifted - (era * 146_097);
        var year = (ofEra - (ofEra / 1_460) + (ofEra / 36_524) - (ofEra / 146_096)) / 365;
        var ofYear = ofEra - ((365 * year) + (year / 4) - (year / 100));
        var part = ((5 * ofYear) + 2) / 153;
        var day = (int)(ofYear - (((153 * part) + 2) / 5) + 1);
        var month = (int)(part < 10 ? part + 3 : part - 9);
        return (year + (era * 400) + (month <= 2 ? 1 : 0), month, day);
    }

    public static long FloorDiv(long dividend, long divisor)
    {
        var quotient = Math.DivRem(dividend, divisor, out var remainder);
        return remainder != 0 && (remainder < 0) != (divisor < 0) ? quotient - 1 : quotient;
    }
}
