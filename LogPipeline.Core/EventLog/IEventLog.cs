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

    /// <summary>What each partition holds now.</summary>
    IReadOnlyList<PartitionBounds> Bounds { get; }

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
    /// <param name="Range">Positions given to it.</param>
    public sealed record Appended(EventRange Range) : AppendOutcome;

    /// <summary>Its origin was taken in before; nothing was added.</summary>
    /// <param name="Count">Records recognised.</param>
    public sealed record Duplicate(int Count) : AppendOutcome;

    /// <summary>The budget is full of events that are not stored yet; send it again later.</summary>
    /// <param name="RetryAfter">When to try again.</param>
    public sealed record Full(TimeSpan RetryAfter) : AppendOutcome;

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
public sealed record EventLogStatus(bool Writable, string? Problem, long SizeBytes, double CommitMs, long LastAppendMicros);
