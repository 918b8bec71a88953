namespace LogPipeline.Core.EventLog;

/// <summary>What the tables hold of a stream, for a reader that comes too late for the event log or would have to read too much of it.</summary>
public interface IStoredEvents
{
    /// <summary>Reads events before some positions, and those of logs that the tables were written from before, of the files written since an instant, the newest file first.</summary>
    /// <param name="log">The stream's event log.</param>
    /// <param name="before">Of each partition wanted, the first position that is not wanted.</param>
    /// <param name="sinceMicros">Microseconds since 1970; earlier event times are left out.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Batches, each the reader's until the next one, with those columns of the stream's schema that metrics are made of; null when the tables do not hold everything before the positions, or nothing is wanted. Partitions are those of the table.</returns>
    /// <exception cref="Exception">The table cannot be read.</exception>
    IEnumerable<EventBatch>? Read(IEventLog log, IReadOnlyList<EventPosition> before, long sinceMicros, CancellationToken cancellationToken);
}
