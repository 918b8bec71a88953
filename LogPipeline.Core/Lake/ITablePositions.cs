using System.Globalization;
using LogPipeline.Core.EventLog;

namespace LogPipeline.Core.Lake;

/// <summary>Reads from the tables themselves how far a stream is stored.</summary>
/// <remarks>
/// Our writer commits <c>logpipeline/&lt;stream&gt;/&lt;logId&gt;/&lt;partition&gt;</c> as transactions of the table; Structured Streaming commits
/// its batch, whose offsets are in its checkpoint. Each engine brings its reader.
/// </remarks>
public interface ITablePositions
{
    /// <summary>How far an event log of a stream is stored.</summary>
    /// <param name="stream">Name of the stream.</param>
    /// <param name="logId">Identity of the event log.</param>
    /// <param name="table">Latest version of the stream's table; null before it is made.</param>
    /// <param name="deadLetters">Latest version of <c>dead_letters</c>; null before it is made.</param>
    /// <exception cref="LakeException">The position cannot be told.</exception>
    StoredPositions Read(string stream, string logId, TableSnapshot? table, TableSnapshot? deadLetters);

    /// <summary>Identities of the event logs that a stream's table was written from.</summary>
    /// <param name="stream">Name of the stream.</param>
    /// <param name="table">Latest version of the stream's table; null before it is made.</param>
    IReadOnlySet<string> LogsOf(string stream, TableSnapshot? table);

    /// <summary>Why positions cannot be told, and what to do about it, for a person; null when they can.</summary>
    /// <param name="stream">Name of the stream.</param>
    /// <param name="table">Latest version of the stream's table; null before it is made.</param>
    string? ProblemOf(string stream, TableSnapshot? table) => null;

    /// <summary>The queries that may be storing a stream, running outside of this process.</summary>
    /// <param name="stream">Name of the stream.</param>
    StreamQueryIds QueriesOf(string stream) => new(null, null);
}

/// <summary>Shorter ways to ask for positions.</summary>
public static class TablePositions
{
    /// <summary>How far a stream is stored.</summary>
    /// <inheritdoc cref="ITablePositions.Read"/>
    public static StoredPositions Read(this ITablePositions positions, IEventLog log, TableSnapshot? table, TableSnapshot? deadLetters)
    {
        ArgumentNullException.ThrowIfNull(positions);
        ArgumentNullException.ThrowIfNull(log);
        return positions.Read(log.Stream.Name, log.LogId, table, deadLetters);
    }
}

/// <summary>The ids of a stream's queries, which are their applications in the transactions of the tables. Null where there is none.</summary>
/// <param name="Rows">Stores into the stream's table.</param>
/// <param name="DeadLetters">Stores into <c>dead_letters</c>.</param>
public sealed record StreamQueryIds(string? Rows, string? DeadLetters);

/// <summary>How far a stream is stored.</summary>
/// <param name="Last">The last offset included of each partition; a partition of which nothing is stored is absent.</param>
/// <param name="Settled">Whether the rows are exactly those up to the positions; otherwise a range is half way and rows beyond them are in.</param>
public sealed record StoredPositions(IReadOnlyDictionary<int, long> Last, bool Settled)
{
    /// <summary>Offsets up to the positions that carry no record, and so count to no figure of records: none in a dense log, Kafka's gaps otherwise.</summary>
    public long Empty { get; init; }

    /// <summary>The first offset of each partition from which on records that do not fit may still be missing in <c>dead_letters</c>, where that is before the position; empty when none is.</summary>
    public IReadOnlyDictionary<int, long> DeadLettersMissing { get; init; } = new Dictionary<int, long>();

    /// <summary>Nothing is stored.</summary>
    public static StoredPositions None { get; } = new(new Dictionary<int, long>(), true);

    /// <summary>Application id of the transaction that holds the last offset included of a partition: <c>logpipeline/&lt;stream&gt;/&lt;logId&gt;/&lt;partition&gt;</c>.</summary>
    public static string AppIdOf(string stream, string logId, int partition) => string.Create(CultureInfo.InvariantCulture, $"logpipeline/{stream}/{logId}/{partition}");
}
