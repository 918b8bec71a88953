namespace LogPipeline.Spark.Broker;

/// <summary>How soon the next server may be started: at once after a good one, later after each bad one, and never too often in a while.</summary>
internal sealed class RestartBudget(SparkOptions options, TimeProvider time)
{
    /// <summary>A server that served this long was a good one.</summary>
    private static readonly TimeSpan Good = TimeSpan.FromSeconds(30);

    private readonly Queue<long> starts = new();
    private int failures;
    private long? serving;

    /// <summary>A try begins.</summary>
    public void Begin() => serving = null;

    /// <summary>The try gave a session.</summary>
    public void Serve() => serving = time.GetTimestamp();

    /// <summary>The try became the start of a server.</summary>
    public void Start()
    {
        starts.Enqueue(time.GetTimestamp());
        while (starts.Count > options.MaxRestarts)
        {
            starts.Dequeue();
        }
    }

    /// <summary>The wait before the next try.</summary>
    public TimeSpan NextWait()
    {
        failures = serving is { } since && time.GetElapsedTime(since) >= Good ? 0 : failures + 1;
        var backoff = failures == 0
            ? TimeSpan.Zero
            : TimeSpan.FromMilliseconds(Math.Min(options.MaxRestartDelay.TotalMilliseconds, options.RestartDelay.TotalMilliseconds * Math.Pow(2, Math.Min(failures, 30) - 1)));
        var window = starts.Count < options.MaxRestarts ? TimeSpan.Zero : options.RestartWindow - time.GetElapsedTime(starts.Peek());
        return window > backoff ? window : backoff;
    }
}
