using LogPipeline.Core.Health;

namespace LogPipeline.Web.Hosting;

/// <summary>Counts open pages and event streams, and keeps what pages measured from produced to screen.</summary>
/// <remarks>Measurements go round in a ring of the last 512; percentiles are computed when somebody asks.</remarks>
public sealed class WebClients(TimeProvider time) : IWebActivity
{
    private readonly double[] measurements = new double[512];
    private readonly Lock gate = new();
    private int measured;
    private long lastMeasured;
    private int pages;
    private int streams;
    private int slow;
    private long dropped;

    /// <summary>A page was opened; dispose when it is closed.</summary>
    public IDisposable OpenPage() => new Visit(this, isPage: true);

    /// <summary>Takes one measurement: milliseconds from produced to drawn.</summary>
    public void MeasureToScreen(double milliseconds)
    {
        if (!double.IsFinite(milliseconds) || milliseconds < 0)
        {
            return;
        }

        lock (gate)
        {
            measurements[measured++ % measurements.Length] = milliseconds;
            lastMeasured = (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
        }
    }

    /// <inheritdoc/>
    public WebActivity Read()
    {
        lock (gate)
        {
            var sorted = measurements.AsSpan(0, Math.Min(measured, measurements.Length)).ToArray();
            Array.Sort(sorted);
            return new WebActivity(
                Volatile.Read(ref pages), Volatile.Read(ref streams), Volatile.Read(ref slow), Interlocked.Read(ref dropped),
                At(sorted, 0.5), At(sorted, 0.99), lastMeasured);
        }
    }

    /// <summary>An event stream was opened, unless that would be one too many; dispose when it ends.</summary>
    internal IDisposable? TryOpenStream(int limit)
    {
        if (Interlocked.Increment(ref streams) <= limit)
        {
            return new Visit(this, isPage: false);
        }

        _ = Interlocked.Decrement(ref streams);
        return null;
    }

    /// <summary>An event stream fell behind, or caught up.</summary>
    internal void MarkSlow(bool isSlow) => _ = Interlocked.Add(ref slow, isSlow ? 1 : -1);

    /// <summary>An event stream was ended because its reader was too slow.</summary>
    internal void CountDropped() => _ = Interlocked.Increment(ref dropped);

    private static double? At(double[] sorted, double share) => sorted.Length == 0 ? null : sorted[(int)Math.Ceiling(share * (sorted.Length - 1))];

    private sealed class Visit : IDisposable
    {
        private readonly bool isPage;
        private WebClients? owner;

        public Visit(WebClients owner, bool isPage)
        {
            this.owner = owner;
            this.isPage = isPage;
            if (isPage)
            {
                _ = Interlocked.Increment(ref owner.pages);
            }
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref owner, null) is { } one)
            {
                _ = isPage ? Interlocked.Decrement(ref one.pages) : Interlocked.Decrement(ref one.streams);
            }
        }
    }
}
