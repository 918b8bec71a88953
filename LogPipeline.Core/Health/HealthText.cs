using System.Globalization;

namespace LogPipeline.Core.Health;

/// <summary>Numbers as the health page shows them; an en dash for none.</summary>
internal static class HealthText
{
    public const string None = "–";

    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    public static string Rate(double perSecond) =>
        perSecond >= 10 || perSecond == 0 ? $"{Count((long)Math.Round(perSecond))}/s" : string.Create(CultureInfo.InvariantCulture, $"{perSecond:0.0}/s");

    public static string Milliseconds(double? milliseconds) => milliseconds switch
    {
        null => None,
        < 10 and var one => string.Create(CultureInfo.InvariantCulture, $"{one:0.0} ms"),
        var many => $"{Count((long)Math.Round(many.Value))} ms",
    };

    /// <summary>Such as <c>0.8 s</c>, <c>2 min 16 s</c>, <c>3 h 5 min</c>.</summary>
    public static string Age(TimeSpan? age) => age switch
    {
        null => None,
        { TotalSeconds: < 60 } one => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, one.TotalSeconds):0.0} s"),
        { TotalMinutes: < 60 } one => string.Create(CultureInfo.InvariantCulture, $"{(int)one.TotalMinutes} min {one.Seconds} s"),
        { TotalHours: < 48 } one => string.Create(CultureInfo.InvariantCulture, $"{(int)one.TotalHours} h {one.Minutes} min"),
        { } one => string.Create(CultureInfo.InvariantCulture, $"{(int)one.TotalDays} d"),
    };

    /// <summary>In one unit, such as <c>48 s</c> or <c>4 min</c>.</summary>
    public static string Span(TimeSpan span) => span switch
    {
        { TotalMinutes: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{(int)Math.Max(0, span.TotalSeconds)} s"),
        { TotalHours: < 2 } => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalMinutes} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Count((long)span.TotalHours)} h"),
    };

    public static string Bytes(long bytes) => bytes switch
    {
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0} KB"),
        < 100_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB"),
        < 10_000_000_000 => $"{Count(bytes / 1_000_000)} MB",
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:0.0} GB"),
    };
}
