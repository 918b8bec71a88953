namespace LogPipeline.Core.Health;

/// <summary>Says who is watching: pages and event streams.</summary>
public interface IWebActivity
{
    /// <summary>The present.</summary>
    WebActivity Read();
}

/// <summary>Who is watching, and how fresh what they see is.</summary>
/// <param name="Pages">Open pages.</param>
/// <param name="EventStreams">Open event streams (<c>GET /events</c>).</param>
/// <param name="Slow">Event streams that are behind now.</param>
/// <param name="Dropped">Event streams ended because their reader was too slow, since the start.</param>
/// <param name="ToScreenP50Ms">Produced to screen, median of the last measurements in milliseconds; null when nobody measured.</param>
/// <param name="ToScreenP99Ms">Produced to screen, 99th percentile.</param>
/// <param name="LastMeasuredMicros">When that was last measured, microseconds since 1970; 0 for never.</param>
public sealed record WebActivity(int Pages, int EventStreams, int Slow, long Dropped, double? ToScreenP50Ms, double? ToScreenP99Ms, long LastMeasuredMicros)
{
    /// <summary>Pages and event streams together.</summary>
    public int Clients => Pages + EventStreams;
}
