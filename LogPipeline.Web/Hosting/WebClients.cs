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
    public IDisposable OpenPage() => new Visit(this, Kind.Page);

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
            return new Visit(this, Kind.Stream);
        }

        _ = Interlocked.Decrement(ref streams);
        return null;
    }

    /// <summary>An event stream waits for its reader; dispose when it took what was sent.</summary>
    internal IDisposable Wait() => new Visit(this, Kind.Slow);

    /// <summary>An event stream was ended because its reader was too slow.</summary>
    internal void CountDropped() => _ = Interlocked.Increment(ref dropped);

    private static double? At(double[] sorted, double share) => sorted.Length == 0 ? null : sorted[(int)Math.Ceiling(share * (sorted.Length - 1))];

    private void Count(Kind kind, int step) => _ = kind switch
    {
        Kind.Page => Interlocked.Add(ref pages, step),
        Kind.Slow => Interlocked.Add(ref slow, step),
        _ => Interlocked.Add(ref streams, step),
    };

    private enum Kind
    {
        Page,
        Stream,
        Slow,
    }

    private sealed class Visit : IDisposable
    {
        private readonly Kind kind;
        private WebClients? owner;

        public Visit(WebClients owner, Kind kind)
        {
            this.owner = owner;
            this.kind = kind;
            if (kind != Kind.Stream)
            {
                owner.Count(kind, 1);
            }
        }

        public void Dispose() => Interlocked.Exchange(ref owner, null)?.Count(kind, -1);
    }
}
