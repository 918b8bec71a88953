using LogPipeline.Core.EventLog;
using LogPipeline.Core.Live;

namespace LogPipeline.Web.Components.Tail;

/// <summary>Reads one filtered tail: every matching event is handed out once, in order, or counted as left out.</summary>
/// <remarks>
/// Invariant: the events behind <see cref="Newest"/> have not been handed out, those up to it have been, or were counted in
/// <see cref="Dropped"/> or <see cref="Missed"/>. While paused it does not move; what arrives is counted from <c>counted</c> on, once.
/// For one circuit: not safe from several threads.
/// </remarks>
internal sealed class TailFeed(ILiveView live)
{
    private EventPosition? counted;

    /// <summary>Which events.</summary>
    public EventFilter Filter { get; private set; } = EventFilter.None;

    /// <summary>The newest event that was looked at for the list.</summary>
    public EventPosition? Newest { get; private set; }

    /// <summary>Whether the list stands still.</summary>
    public bool Paused { get; private set; }

    /// <summary>Matching events that arrived while the list stood still.</summary>
    public long Waiting { get; private set; }

    /// <summary>Matching events that a burst pushed past this view; all of them are stored.</summary>
    public long Dropped { get; private set; }

    /// <summary>Events that left the memory before this view read them.</summary>
    public long Missed { get; private set; }

    /// <summary>Events looked at since the last call of <see cref="TakeSeen"/>, and how many of them passed.</summary>
    private long seen;
    private long passed;

    /// <summary>Begins anew: the newest rows that pass, up to <paramref name="until"/> when the view was paused there.</summary>
    /// <exception cref="ArgumentException">The filter's pattern is wrong; everything stays as it was.</exception>
    public RecentPage Start(EventFilter filter, int limit, EventPosition? until)
    {
        var page = live.ReadRecent(new RecentQuery(filter, limit) { UpTo = until });
        Filter = filter;
        Waiting = 0;
        Paused = until is not null;
        Newest = until ?? page.Next;
        counted = Newest;
        return page;
    }

    /// <summary>What is new: at most <paramref name="limit"/> rows, the newest ones when there are more.</summary>
    public RecentPage Read(int limit)
    {
        var page = live.ReadRecent(new RecentQuery(Filter, limit, After: Newest));
        Newest = page.Next ?? Newest;
        counted = Newest;
        Dropped += page.Skipped;
        Missed += page.Missed;
        seen += page.Scanned;
        passed += page.Rows.Count + page.Skipped;
        return page;
    }

    /// <summary>Stands still at the newest event shown.</summary>
    public void Pause()
    {
        Paused = true;
        Waiting = 0;
        counted = Newest;
    }

    /// <summary>Counts what arrived since the last count.</summary>
    public void Count()
    {
        var page = live.ReadRecent(new RecentQuery(Filter, 1, After: counted));
        counted = page.Next ?? counted;
        Waiting += page.Rows.Count + page.Skipped;
        seen += page.Scanned;
        passed += page.Rows.Count + page.Skipped;
    }

    /// <summary>Goes on: the newest <paramref name="limit"/> of the rows that waited. Those before them stay in memory, to be scrolled to.</summary>
    public RecentPage Resume(int limit)
    {
        Paused = false;
        Waiting = 0;
        var page = live.ReadRecent(new RecentQuery(Filter, limit, After: Newest));
        Newest = page.Next ?? Newest;
        counted = Newest;
        Missed += page.Missed;
        return page;
    }

    /// <summary>Events looked at and passed since the last call.</summary>
    public (long Seen, long Passed) TakeSeen()
    {
        var taken = (seen, passed);
        seen = passed = 0;
        return taken;
    }
}
