using LogPipeline.Spark.Connect;

namespace LogPipeline.Spark.Broker;

/// <summary>A session, from its beginning to its loss.</summary>
internal sealed class SparkConnection : IDisposable
{
    private readonly CancellationTokenSource lost = new();
    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource suspected = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SparkConnection(SparkSession session)
    {
        Session = session;
        Lost = lost.Token;
    }

    /// <summary>The session.</summary>
    public SparkSession Session { get; }

    /// <summary>Ends when the session is lost: what runs in it will not answer.</summary>
    public CancellationToken Lost { get; }

    /// <summary>Ends with <see cref="Lost"/>.</summary>
    public Task Ended => ended.Task;

    /// <summary>Ends when a caller found the session lost.</summary>
    public Task Suspected => suspected.Task;

    /// <summary>Has the session looked at now rather than at the next heartbeat.</summary>
    public void Suspect() => suspected.TrySetResult();

    /// <summary>The session is lost.</summary>
    public void End()
    {
        lost.Cancel();
        ended.TrySetResult();
    }

    /// <inheritdoc/>
    public void Dispose() => lost.Dispose();
}
