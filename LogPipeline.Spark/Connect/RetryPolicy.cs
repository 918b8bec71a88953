namespace LogPipeline.Spark.Connect;

/// <summary>
/// How often and how patiently a call is tried again when the server cannot be reached or drops the connection.
/// Errors that Spark reports are never tried again.
/// </summary>
public sealed record RetryPolicy
{
    /// <summary>What Spark's other clients do: 15 more tries, 50 ms before the first, four times as long before each next, at most a minute.</summary>
    public static RetryPolicy Default { get; } = new();

    /// <summary>One try.</summary>
    public static RetryPolicy None { get; } = new() { MaxRetries = 0 };

    /// <summary>Tries after the first.</summary>
    public int MaxRetries { get; init; } = 15;

    /// <summary>Wait before the second try.</summary>
    public TimeSpan InitialBackoff { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How much longer each further wait is.</summary>
    public double Multiplier { get; init; } = 4;

    /// <summary>The longest wait.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The wait before a retry, counted from 0; null when there is none left.</summary>
    internal TimeSpan? BackoffBefore(int retry) => retry >= MaxRetries
        ? null
        : TimeSpan.FromMilliseconds(Math.Min(MaxBackoff.TotalMilliseconds, InitialBackoff.TotalMilliseconds * Math.Pow(Multiplier, retry)));
}
