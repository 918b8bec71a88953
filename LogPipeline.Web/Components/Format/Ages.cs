using System.Globalization;

namespace LogPipeline.Web.Components.Format;

/// <summary>Ages and spans: 0.8 s · 14 s · 2 min 16 s · 3 h 5 min · 2 d 4 h.</summary>
public static class Ages
{
    /// <summary>From this age on a value is called stale.</summary>
    public static readonly TimeSpan Stale = TimeSpan.FromSeconds(5);

    /// <summary>Two units at most; tenths of a second below ten seconds.</summary>
    public static string Text(TimeSpan age)
    {
        var span = age < TimeSpan.Zero ? TimeSpan.Zero : age;
        return span.TotalSeconds switch
        {
            < 9.95 => $"{span.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)}\u00A0s",
            < 60 => $"{Whole(Math.Floor(span.TotalSeconds))}\u00A0s",
            < 3600 => Pair((long)span.TotalSeconds, 60, "min", "s"),
            < 86400 => Pair((long)span.TotalMinutes, 60, "h", "min"),
            _ => Pair((long)span.TotalHours, 24, "d", "h"),
        };
    }

    /// <summary>One unit: 15 min, 4 h, for menus and the up time.</summary>
    public static string Coarse(TimeSpan span) => span.TotalSeconds switch
    {
        < 60 => $"{Whole(Math.Floor(span.TotalSeconds))}\u00A0s",
        < 3600 => $"{Whole(Math.Floor(span.TotalMinutes))}\u00A0min",
        < 172800 => Pair((long)span.TotalMinutes, 60, "h", "min"),
        _ => Pair((long)span.TotalHours, 24, "d", "h"),
    };

    private static string Pair(long count, long unit, string big, string small)
    {
        var (upper, lower) = Math.DivRem(count, unit);
        return lower == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{upper}\u00A0{big}")
            : string.Create(CultureInfo.InvariantCulture, $"{upper}\u00A0{big}\u00A0{lower}\u00A0{small}");
    }

    private static string Whole(double value) => value.ToString("0", CultureInfo.InvariantCulture);
}
