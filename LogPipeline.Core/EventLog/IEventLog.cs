using LogPipeline.Core.Ingest;
using LogPipeline.Core.Streams;

namespace LogPipeline.Core.EventLog;

/// <summary>The durable, ordered, replayable log of one stream: where events are safe before their sender is answered.</summary>
/// <remarks>All members may be called from several threads at once.</remarks>
public interface IEventLog : IAsyncDisposable
{
    /// <summary>The stream.</summary>
    StreamDefinition Stream { get; }

    /// <summary>Identity of the log; a new one when it is made anew (see contracts: event position).</summary>
    string LogId { get; }

    /// <summary>What each partition holds now, as far as it is known here: what others write to the log shows once somebody reads or asks.</summary>
    IReadOnlyList<PartitionBounds> Bounds { get; }

    /// <summary>Asks those who keep the log what each partition holds now.</summary>
    /// <exception cref="EventLogUnavailableException">They do not answer.</exception>
    Task<IReadOnlyList<PartitionBounds>> AskBoundsAsync(CancellationToken cancellationToken) => Task.FromResult(Bounds);

    /// <summary>State, rates and sizes for the health page.</summary>
    EventLogStatus Status { get; }

    /// <summary>Makes a batch durable. Batches that arrive together share one commit. A batch larger than an entry is split; its parts are consecutive.</summary>
    /// <returns>The outcome; it is <see cref="AppendOutcome.Appended"/> only after fsync.</returns>
    ValueTask<AppendOutcome> AppendAsync(ParsedBatch batch, CancellationToken cancellationToken);

    /// <summary>Reads batches in order, and goes on as they arrive when <paramref name="follow"/> is set.</summary>
    /// <param name="from">First offset wanted of each partition; partitions that are not named start at their begin.</param>
    /// <param name="follow">Whether to wait for more at the end, until cancelled.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Batches, and a <see cref="LogRead.Gap"/> in place of what is no longer there. The first batch is sliced so that it starts at <paramref name="from"/>.</returns>
    IAsyncEnumerable<LogRead> ReadAsync(IReadOnlyList<EventPosition> from, bool follow, CancellationToken cancellationToken);

    /// <summary>Says that everything up to and including a position is stored in the tables. Retention never passes the smallest stored position.</summary>
    void MarkStored(EventPosition position);

    /// <summary>Makes sure that everything read so far came from this log, and not from one that was made anew in its place meanwhile.</summary>
    /// <remarks>Whoever stores what was read asks before it moves a position.</remarks>
    /// <exception cref="EventLogException">The log was made anew: nothing that was read may be stored.</exception>
    /// <exception cref="EventLogUnavailableException">Nobody can tell now.</exception>
    ValueTask ConfirmAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>The first position of each partition that was received at a time or later.</summary>
    /// <returns>Positions; null when the log cannot tell, so that whoever asks must look by reading.</returns>
    ValueTask<IReadOnlyList<EventPosition>?> FindReceivedAsync(long sinceMicros, CancellationToken cancellationToken) => ValueTask.FromResult<IReadOnlyList<EventPosition>?>(null);

    /// <summary>How far a file was taken in, by its fingerprint; null when it is unknown.</summary>
    FileRangeOrigin? FindFile(string fingerprint);
}

/// <summary>What became of an append.</summary>
public abstract record AppendOutcome
{
    private AppendOutcome()
    {
    }

    /// <summary>Durable.</summary>
    /// <param name="Count">Records in it.</param>
    /// <param name="Range">Positions given to it, where the log has one partition; null on Kafka, which spreads a batch by its keys.</param>
    public sealed record Appended(int Count, EventRange? Range = null) : AppendOutcome;

    /// <summary>Its origin was taken in before; nothing was added.</summary>
    /// <param name="Count">Records recognised.</param>
    public sealed record Duplicate(int Count) : AppendOutcome;

    /// <summary>There is no room; send it again later.</summary>
    /// <param name="RetryAfter">When to try again.</param>
    /// <param name="Reason">Why, for a person; null when the log's budget is full of events that are not stored yet.</param>
    public sealed record Full(TimeSpan RetryAfter, string? Reason = null) : AppendOutcome;

    /// <summary>The log cannot write.</summary>
    /// <param name="Reason">Why, for a person.</param>
    public sealed record Unavailable(string Reason) : AppendOutcome;
}

/// <summary>One step of reading an event log.</summary>
public abstract record LogRead
{
    private LogRead()
    {
    }

    /// <summary>Events.</summary>
    /// <param name="Value">The batch, owned by the reader.</param>
    public sealed record Batch(EventBatch Value) : LogRead;

    /// <summary>Positions that were asked for and are no longer held.</summary>
    /// <param name="Range">What is missing.</param>
    public sealed record Gap(EventRange Range) : LogRead;
}

/// <summary>Figures of an event log.</summary>
/// <param name="Writable">Whether appends succeed now.</param>
/// <param name="Problem">Why not, or null.</param>
/// <param name="SizeBytes">Size on disk.</param>
/// <param name="CommitMs">Time to make a batch durable, median of the last hundred, in milliseconds.</param>
/// <param name="LastAppendMicros">When the last batch was received, microseconds since 1970; 0 before the first.</param>
public sealed record EventLogStatus(bool Writable, string? Problem, long SizeBytes, double CommitMs, long LastAppendMicros)
{
    /// <summary>What keeps the events, such as <c>FasterLog</c> or <c>Kafka · 3 partitions</c>.</summary>
    public string Kind { get; init; } = "FasterLog";

    /// <summary>Whether part of the log cannot be reached; the rest works.</summary>
    public bool IsPartial { get; init; }
}
