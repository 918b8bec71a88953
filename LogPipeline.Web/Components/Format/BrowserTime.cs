using System.Globalization;

namespace LogPipeline.Web.Components.Format;

/// <summary>Times in the browser's zone, or in UTC when the reader chose that. One per circuit; known once the browser has said its zone.</summary>
internal sealed class BrowserTime
{
    private TimeZoneInfo local = TimeZoneInfo.Utc;

    /// <summary>Tells that the zone changed.</summary>
    public event Action? Changed;

    /// <summary>Whether times are shown in UTC.</summary>
    public bool Utc { get; private set; }

    /// <summary>The zone that times are shown in.</summary>
    public TimeZoneInfo Zone => Utc ? TimeZoneInfo.Utc : local;

    /// <summary>Takes the browser's zone: by its name, or by its present offset where this machine does not know the name.</summary>
    public void SetZone(string? name, int offsetMinutes)
    {
        var offset = TimeSpan.FromMinutes(Math.Clamp(offsetMinutes, -14 * 60, 14 * 60));
        local = name is not null && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone)
            ? zone
            : TimeZoneInfo.CreateCustomTimeZone("browser", offset, "browser", "browser");
        Changed?.Invoke();
    }

    /// <summary>Chooses between the browser's zone and UTC.</summary>
    public void SetUtc(bool utc)
    {
        if (Utc != utc)
        {
            Utc = utc;
            Changed?.Invoke();
        }
    }

    /// <summary>The wall clock at an instant.</summary>
    public DateTimeOffset At(DateTimeOffset instant) => TimeZoneInfo.ConvertTime(instant, Zone);

    /// <summary>14:42 on an axis or in a sentence.</summary>
    public string Minute(DateTimeOffset instant) => At(instant).ToString("HH:mm", CultureInfo.InvariantCulture);

    /// <summary>14:42:07.</summary>
    public string Second(DateTimeOffset instant) => At(instant).ToString("HH:mm:ss", CultureInfo.InvariantCulture);

    /// <summary>14:42:07.412, as in rows.</summary>
    public string Row(long micros) => At(FromMicros(micros)).ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture);

    /// <summary>2026-11-23 14:42:07.412, with microseconds when there are any.</summary>
    public string Full(long micros) => At(FromMicros(micros)).ToString(
        micros % 1000 == 0 ? "yyyy-MM-dd HH:mm:ss.fff" : "yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture);

    /// <summary>Today 14:42:07.412, or the date and the time.</summary>
    public string Day(long micros, DateTimeOffset now)
    {
        var then = At(FromMicros(micros));
        return (then.Date == At(now).Date ? "Today " : then.ToString("yyyy-MM-dd ", CultureInfo.InvariantCulture)) + Row(micros);
    }

    /// <summary>Microseconds since 1970 as an instant.</summary>
    public static DateTimeOffset FromMicros(long micros) => DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);

    /// <summary>An instant as microseconds since 1970.</summary>
    public static long ToMicros(DateTimeOffset instant) => (instant - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
