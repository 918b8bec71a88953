using LogPipeline.Core.Configuration;
using LogPipeline.Core.Lake.Leases;
using Microsoft.Extensions.Hosting;

namespace LogPipeline.Core.Lake;

/// <summary>Who writes the tables: one writer a stream. Started and stopped with the host.</summary>
/// <remarks>
/// <para>Exactly one implementation is composed, chosen by <c>LogPipeline:Engine</c>; a table has one writing engine at a time.</para>
/// <para>
/// An implementation commits how far it got in the same commit as the rows, begins where the table says, and calls
/// <see cref="EventLog.IEventLog.MarkStored"/> for what is durable in the table: retention of the event log, and the offsets that are
/// published for Kafka's tools, follow it. How the position is read back from a table is <see cref="ITablePositions"/>.
/// </para>
/// <para><see cref="IHostedService.StopAsync"/> drains for at most a few seconds: Ctrl-C ends the host within five.</para>
/// </remarks>
public interface ITableWriters : IHostedService
{
    /// <summary>The engine that writes.</summary>
    EngineKind Engine { get; }

    /// <summary>One writer a stream, in the order of the configuration.</summary>
    IReadOnlyList<ITableWriter> All { get; }

    /// <summary>The writer of a stream by its exact name, or null.</summary>
    ITableWriter? Find(string stream);

    /// <summary>Stores what is durable in the event logs, then stops writing.</summary>
    /// <param name="deadline">Time allowed.</param>
    /// <returns>False when a writer was not done in time; the rest is stored after the next start.</returns>
    Task<bool> DrainAsync(TimeSpan deadline);

    /// <summary>Stores everything up to the present end of the event logs and returns; for verbs that do not start the host.</summary>
    /// <param name="cancellationToken">Ends at once; what is not committed is read again later.</param>
    /// <param name="stream">Name of the one stream that is stored; null for all.</param>
    /// <exception cref="LakeException">A table cannot take its stream, or its volume or engine refuses.</exception>
    Task StoreToEndAsync(CancellationToken cancellationToken, string? stream = null);
}

/// <summary>Stores one stream in its table. It is the only writer of the stream's rows. Its figures may be read from any thread.</summary>
public interface ITableWriter
{
    /// <summary>Name of the stream.</summary>
    string Stream { get; }

    /// <summary>Name of its table.</summary>
    string Table { get; }

    /// <summary>What it is doing.</summary>
    TableWriterState State { get; }

    /// <summary>Why it does not store, and what to do about it, for a person; null while it does.</summary>
    string? Problem { get; }

    /// <summary>The process that writes the table instead of this one, which stands by; null while this one writes.</summary>
    LeaseHolder? OtherWriter { get; }

    /// <summary>Events that the event log no longer held when they were to be stored.</summary>
    long Gaps { get; }

    /// <summary>Figures of the latest batch; null before the first.</summary>
    TableWriterFigures? Figures { get; }
}

/// <summary>What a stream's writer is doing.</summary>
public enum TableWriterState
{
    /// <summary>Not started.</summary>
    Stopped,

    /// <summary>Opening tables and reading positions, or waiting for the engine to start.</summary>
    Starting,

    /// <summary>Storing events as they arrive.</summary>
    Following,

    /// <summary>Another host writes the table; this one takes over when that one ends.</summary>
    Standby,

    /// <summary>The volume or the engine refuses; waiting before the next try.</summary>
    Waiting,

    /// <summary>Storing what is durable in the event log, then stopping.</summary>
    Draining,

    /// <summary>Everything that was durable is stored.</summary>
    Complete,

    /// <summary>The table and the event log do not belong together, or another writes the table; a person must decide.</summary>
    Refused,
}

/// <summary>Figures of a writer's latest batch. Null where an engine does not know.</summary>
/// <param name="CommittedAt">When it was committed.</param>
/// <param name="BatchRows">Rows that it stored.</param>
/// <param name="BatchDuration">Time that it took, its commit included.</param>
public sealed record TableWriterFigures(DateTimeOffset CommittedAt, long BatchRows, TimeSpan BatchDuration)
{
    /// <summary>Rows a second that arrived.</summary>
    public double? InputRowsPerSecond { get; init; }

    /// <summary>Rows a second that the engine can store, by this batch.</summary>
    public double? ProcessedRowsPerSecond { get; init; }

    /// <summary>Event time before which nothing more is expected; null without a watermark.</summary>
    public DateTimeOffset? Watermark { get; init; }

    /// <summary>The last failure, though it was overcome.</summary>
    public string? LastError { get; init; }

    /// <summary>The run of Spark's streaming query that stored it, as Spark's own pages name it: another one after each start of the query. Null without such a query.</summary>
    public string? RunId { get; init; }
}
