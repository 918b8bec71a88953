namespace LogPipeline.Core.EventLog;

/// <summary>How long the last hundred commits took.</summary>
internal sealed class CommitTimes
{
    private readonly double[] milliseconds = new double[100];
    private readonly Lock gate = new();
    private long count;

    public double Median
    {
        get
        {
            double[] copy;
            lock (gate)
            {
                copy = milliseconds[..(int)Math.Min(count, milliseconds.Length)];
            }

            Array.Sort(copy);
            return copy.Length == 0 ? 0 : copy[copy.Length / 2];
        }
    }

    public void Add(TimeSpan time)
    {
        lock (gate)
        {
            milliseconds[count++ % milliseconds.Length] = time.TotalMilliseconds;
        }
    }
}
