namespace LogPipeline.Web.Components.Status;

/// <summary>Latencies of the recent past, in milliseconds. Safe from any thread; of fixed size.</summary>
internal sealed class LatencyWindow
{
    private const int Samples = 1500;
    private const int Seconds = 17;
    private readonly Lock gate = new();
    private readonly float[] samples = new float[Samples];
    private readonly float[] sums = new float[Seconds];
    private readonly int[] counts = new int[Seconds];
    private long written;
    private long newestSecond = long.MinValue;

    public void Add(double milliseconds, long unixSecond)
    {
        lock (gate)
        {
            if (newestSecond == long.MinValue || unixSecond - newestSecond >= Seconds)
            {
                Array.Clear(counts);
                Array.Clear(sums);
                newestSecond = unixSecond;
            }

            for (; newestSecond < unixSecond; newestSecond++)
            {
                var next = (int)((newestSecond + 1) % Seconds);
                counts[next] = 0;
                sums[next] = 0;
            }

            if (newestSecond - unixSecond < Seconds)
            {
                var slot = (int)(unixSecond % Seconds);
                sums[slot] += (float)milliseconds;
                counts[slot]++;
            }

            samples[written++ % Samples] = (float)milliseconds;
        }
    }

    public LatencyFigures Read()
    {
        float[] sorted;
        var bars = new double[Seconds];
        lock (gate)
        {
            sorted = samples[..(int)Math.Min(written, Samples)];
            for (var i = 0; i < Seconds && newestSecond != long.MinValue; i++)
            {
                var slot = (int)((newestSecond + 1 + i) % Seconds);
                bars[i] = counts[slot] == 0 ? 0 : sums[slot] / counts[slot];
            }
        }

        if (sorted.Length == 0)
        {
            return LatencyFigures.None;
        }

        Array.Sort(sorted);
        return new LatencyFigures(sorted[sorted.Length / 2], sorted[(int)Math.Min(sorted.Length - 1, sorted.Length * 0.99)], bars, written);
    }
}

/// <summary>How long lines take from their receipt to the screen.</summary>
/// <param name="MedianMs">Median in milliseconds; null when nothing was measured yet.</param>
/// <param name="P99Ms">99th percentile.</param>
/// <param name="Seconds">Mean of each of the last seconds, oldest first; 0 for a second without lines.</param>
/// <param name="Count">Lines measured since the start.</param>
public sealed record LatencyFigures(double? MedianMs, double? P99Ms, IReadOnlyList<double> Seconds, long Count)
{
    /// <summary>Nothing measured.</summary>
    public static LatencyFigures None { get; } = new(null, null, new double[17], 0);
}
