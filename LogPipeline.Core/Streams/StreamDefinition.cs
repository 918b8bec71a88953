namespace LogPipeline.Core.Streams;

/// <summary>One stream: what its events look like, which topic carries them and which table stores them.</summary>
/// <param name="Name">Name in URLs and configuration, such as <c>web-logs</c>.</param>
/// <param name="Schema">The fields of its events.</param>
/// <param name="Topic">Kafka topic.</param>
/// <param name="Table">Table in schema <c>delta_lake</c>, such as <c>logs</c>.</param>
/// <param name="Retention">What the event log keeps once it is stored.</param>
public sealed record StreamDefinition(string Name, StreamSchema Schema, string Topic, string Table, EventLogRetention Retention);

/// <summary>How much the event log keeps. Events that the table does not hold yet are kept whatever this says.</summary>
/// <param name="MaxBytes">Size on disk, in bytes.</param>
/// <param name="MaxAge">Age by the time of receipt.</param>
public sealed record EventLogRetention(long MaxBytes, TimeSpan MaxAge)
{
    /// <summary>4 GiB, seven days.</summary>
    public static EventLogRetention Default { get; } = new(4L << 30, TimeSpan.FromDays(7));
}
