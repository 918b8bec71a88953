namespace LogPipeline.Spark.Connect;

/// <summary>
/// One session on the server: the id that this client made, and the server's own id for it, which changes when the server restarts.
/// Every request repeats the latter, so that a restarted server refuses it instead of opening an empty session in silence.
/// </summary>
internal sealed class SessionHandle
{
    private string? _observed;

    /// <summary>Id of the session, a UUID.</summary>
    public string Id { get; } = Guid.NewGuid().ToString();

    /// <summary>The server's own id, once it has answered.</summary>
    public string? Observed => Volatile.Read(ref _observed);

    /// <summary>Compares what an answer says with what was observed.</summary>
    /// <exception cref="SparkSessionLostException">Another server session answers.</exception>
    public void Observe(string serverSideSessionId)
    {
        if (serverSideSessionId.Length == 0)
        {
            return;
        }

        var before = Interlocked.CompareExchange(ref _observed, serverSideSessionId, null);
        if (before is not null && before != serverSideSessionId)
        {
            throw new SparkSessionLostException($"Session {Id} was answered by another session of the server: the server restarted")
            {
                SessionId = Id,
                ErrorClass = "INVALID_HANDLE.SESSION_CHANGED",
            };
        }
    }
}
