using LogPipeline.Core.Percentiles;

namespace LogPipeline.Core.Live.Rolling;

/// <summary>The steps of a series for one filter and step length, kept until their blocks change.</summary>
internal sealed class StepSeries(MetricFilter filter, Catalog catalog, int seconds)
{
    private readonly Dictionary<long, Step> steps = [];

    public MetricFilter Filter { get; } = filter;

    public Catalog Catalog { get; } = catalog;

    /// <summary>The step that begins at a second, a multiple of the step's length.</summary>
    public Step At(long start, BlockRing blocks, byte[]? pass, Aggregate scratch)
    {
        var version = 0L;
        for (var number = start / TimeBlock.Length; number <= (start + seconds - 1) / TimeBlock.Length; number++)
        {
            version = Math.Max(version, blocks.Find(number)?.Version ?? 0);
        }

        if (!steps.TryGetValue(start, out var step) || step.Version != version)
        {
            scratch.Clear();
            if (version > 0)
            {
                scratch.Add(blocks, Catalog, pass, start, start + seconds - 1);
            }

            steps[start] = step = Step.Of(scratch, version);
        }

        return step;
    }

    /// <summary>Forgets steps before a second.</summary>
    public void DropBefore(long second)
    {
        if (steps.Count > 100 + (2 * BlockRing.HourSeconds / seconds * 2))
        {
            foreach (var start in steps.Keys.Where(start => start < second).ToList())
            {
                steps.Remove(start);
            }
        }
    }
}

/// <summary>One step, summed up. <see cref="Bins"/> begin with bin <see cref="FirstBin"/>.</summary>
internal sealed record Step(long Version, Sums Sums, uint[] Bins, int FirstBin, long Sessions)
{
    private LiveBucket? bucket;

    public static Step Of(Aggregate aggregate, long version)
    {
        var first = aggregate.Bins.AsSpan().IndexOfAnyExcept(0);
        var last = aggregate.Bins.AsSpan().LastIndexOfAnyExcept(0);
        var bins = first < 0 ? [] : new uint[last - first + 1];
        for (var i = 0; i < bins.Length; i++)
        {
            bins[i] = (uint)aggregate.Bins[first + i];
        }

        return new Step(version, aggregate.Sums, bins, Math.Max(0, first), aggregate.Sessions.Count);
    }

    /// <summary>The step as it is shown; made once, for a step has one place.</summary>
    public LiveBucket ToBucket(long start, int seconds) => bucket ??= new(
        start, seconds, Sums.Requests, Sums.Errors, Sums.Status2xx, Sums.Status3xx, Sums.Status4xx, Sums.Status5xx,
        Sums.Debug, Sums.Info, Sums.Warn, Sums.Error, Sums.Bytes, Sessions,
        Sums.Timed == 0 ? null : Sums.ResponseMs / Sums.Timed, Quantile(0.50), Quantile(0.95), Quantile(0.99));

    private double? Quantile(double quantile)
    {
        if (Sums.Timed == 0)
        {
            return null;
        }

        var rank = Math.Max(1, (long)Math.Ceiling(quantile * Total()));
        var seen = 0L;
        for (var i = 0; i < Bins.Length; i++)
        {
            seen += Bins[i];
            if (seen >= rank)
            {
                return ResponseBins.Middle(FirstBin + i);
            }
        }

        return null;
    }

    private long Total()
    {
        var total = 0L;
        foreach (var count in Bins)
        {
            total += count;
        }

        return total;
    }
}
