using LogPipeline.Core.EventLog;
using LogPipeline.Core.Live;
using LogPipeline.Core.Query.Events;

namespace LogPipeline.Web.Components.Tail;

/// <summary>The rows before those of a tail, page by page back to the first event: from memory, then from the table.</summary>
/// <remarks>Memory is read in the order of arrival, like the tail; from its oldest event on a cursor with a bound for each partition leads on.</remarks>
internal sealed class TailHistory(ILiveView live, IEventPages? pages, string stream)
{
    private EventFilter filter = EventFilter.None;
    private EventPosition? oldest;
    private IReadOnlyList<EventPosition>? cursor;

    /// <summary>Rows that pass, oldest first; none when there are none before.</summary>
    /// <param name="wanted">Which events.</param>
    /// <param name="before">The oldest event of the tail.</param>
    /// <param name="limit">Rows at most.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="LogPipeline.Core.Query.QueryException">The table cannot be read now.</exception>
    public async Task<IReadOnlyList<LogRow>> ReadAsync(EventFilter wanted, EventPosition before, int limit, CancellationToken cancellationToken)
    {
        var newestFirst = new List<LogRow>();
        if (filter != wanted || oldest != before)
        {
            filter = wanted;
            var page = live.ReadRecent(new RecentQuery(wanted, limit, Before: before));
            newestFirst.AddRange(page.Rows.Reverse());
            cursor = [.. page.Reached.Where(one => one.Partition != before.Partition), Lower(before, page.Reached)];
        }

        while (newestFirst.Count == 0 && cursor is { } from && pages is not null)
        {
            var page = await pages.ReadAsync(stream, wanted, limit, from, cancellationToken);
            newestFirst.AddRange(page.Rows);
            cursor = page.Next;
        }

        oldest = newestFirst.Count > 0 ? newestFirst[^1].Position : before;
        newestFirst.Reverse();
        return newestFirst;
    }

    private static EventPosition Lower(EventPosition before, IReadOnlyList<EventPosition> reached) =>
        reached.FirstOrDefault(one => one.Partition == before.Partition, before) is var one && one.Offset < before.Offset ? one : before;
}
