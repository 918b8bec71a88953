using LogPipeline.Core.EventLog;
using LogPipeline.Core.Live;

namespace LogPipeline.Core.Query.Events;

/// <summary>The events of a stream from the newest back to the first: what the live view remembers, then what the table holds.</summary>
/// <remarks>What has left the memory before the table had it is read from the event log, so nothing is missing between the two.</remarks>
public interface IEventPages
{
    /// <summary>Events that pass a filter, newest first: within a partition by offset, between partitions by their time of receipt.</summary>
    /// <param name="stream">Name of the stream.</param>
    /// <param name="filter">Which events.</param>
    /// <param name="limit">Rows at most.</param>
    /// <param name="before">Only events of these partitions before these offsets; partitions that are not named are read from their end.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="ArgumentException">There is no such stream, or the filter's regular expression is wrong or takes too long.</exception>
    /// <exception cref="QueryException">The table cannot be read now.</exception>
    Task<EventPage> ReadAsync(string stream, EventFilter filter, int limit, IReadOnlyList<EventPosition> before, CancellationToken cancellationToken);

    /// <summary>One event, wherever it is; null when neither memory, table nor event log holds it.</summary>
    /// <exception cref="ArgumentException">There is no such stream.</exception>
    /// <exception cref="QueryException">The table cannot be read now.</exception>
    Task<LogRow?> FindAsync(string stream, EventPosition position, CancellationToken cancellationToken);

    /// <summary>One event and those of its partition around it, oldest first.</summary>
    /// <param name="stream">Name of the stream.</param>
    /// <param name="position">The one in the middle.</param>
    /// <param name="reach">Offsets before and behind it.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="ArgumentException">There is no such stream.</exception>
    /// <exception cref="QueryException">The table cannot be read now.</exception>
    Task<IReadOnlyList<LogRow>> AroundAsync(string stream, EventPosition position, int reach, CancellationToken cancellationToken);
}

/// <summary>Some events of a stream.</summary>
/// <param name="Rows">Newest first. May be fewer than wanted, even none, though there are more: a search through a large table takes several pages.</param>
/// <param name="Next">Where to read on, as <c>before</c>; null once the first event was reached.</param>
public sealed record EventPage(IReadOnlyList<LogRow> Rows, IReadOnlyList<EventPosition>? Next);
