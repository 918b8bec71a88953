using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Live;
using LogPipeline.Core.Live.Filters;
using LogPipeline.Core.Live.Recent;

namespace LogPipeline.Core.Query.Events;

/// <summary>Joins the live view, the table and the event log to one sequence.</summary>
/// <remarks>
/// A cursor is a bound for each partition: every matching event at or behind it has been handed out, none before it has. The live
/// view answers first and says how far it looked; from there on <see cref="EventWindows"/> is read in windows of offsets.
/// </remarks>
internal sealed class EventPages(
    IEventLogs logs, ILiveViews views, ITableCatalog catalog, ITablePositions positions, IQueryEngine engine, TimeProvider time) : IEventPages
{
    private const string DeadLetters = "dead_letters";

    /// <summary>A page is answered with what was found once the search took this long.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public async Task<EventPage> ReadAsync(string stream, EventFilter filter, int limit, IReadOnlyList<EventPosition> before, CancellationToken cancellationToken)
    {
        var log = Log(stream);
        var began = time.GetTimestamp();
        var bounds = log.Bounds.ToDictionary(one => one.Partition, one => one.End);
        foreach (var (partition, offset) in before)
        {
            bounds[partition] = Math.Min(offset, bounds.GetValueOrDefault(partition, offset));
        }

        var rows = new List<LogRow>();
        if (views.Find(stream) is { } live)
        {
            var recent = live.ReadRecent(new RecentQuery(filter, limit) { Bounds = bounds });
            rows.AddRange(recent.Rows.Reverse());
            foreach (var (partition, offset) in recent.Reached)
            {
                bounds[partition] = Math.Min(offset, bounds.GetValueOrDefault(partition, offset));
            }
        }

        if (rows.Count < limit)
        {
            var stored = await OpenAsync(log, filter, cancellationToken).ConfigureAwait(false);
            var partitions = bounds.Select(one => new StoredPartition(one.Key, one.Value)).ToList();
            do
            {
                foreach (var partition in partitions.Where(one => one.NeedsRows))
                {
                    await partition.ReadOnAsync(stored, cancellationToken).ConfigureAwait(false);
                }

                while (rows.Count < limit && Newest(partitions) is { } next)
                {
                    rows.Add(next.Take(stored));
                }
            }
            while (rows.Count < limit && partitions.Exists(one => !one.IsDone) && time.GetElapsedTime(began) < Patience);
            bounds = partitions.ToDictionary(one => one.Id, one => one.Bound);
        }

        EventPosition[] left = [.. bounds.Where(one => one.Value > 0).OrderBy(one => one.Key).Select(one => new EventPosition(one.Key, one.Value))];
        return new EventPage(rows, left.Length == 0 ? null : [.. bounds.OrderBy(one => one.Key).Select(one => new EventPosition(one.Key, one.Value))]);
    }

    public async Task<LogRow?> FindAsync(string stream, EventPosition position, CancellationToken cancellationToken)
    {
        var log = Log(stream);
        if (views.Find(stream)?.Find(position) is { } remembered)
        {
            return remembered;
        }

        return await WithinAsync(log, position.Partition, position.Offset, position.Offset + 1, cancellationToken).ConfigureAwait(false) is [var row, ..] ? row : null;
    }

    public Task<IReadOnlyList<LogRow>> AroundAsync(string stream, EventPosition position, int reach, CancellationToken cancellationToken) =>
        WithinAsync(Log(stream), position.Partition, Math.Max(0, position.Offset - reach), position.Offset + reach + 1, cancellationToken);

    private async Task<IReadOnlyList<LogRow>> WithinAsync(IEventLog log, int partition, long from, long to, CancellationToken cancellationToken)
    {
        var stored = await OpenAsync(log, EventFilter.None, cancellationToken).ConfigureAwait(false);
        var rows = new List<LogRow>();
        while (from < to)
        {
            var window = await stored.ReadAsync(partition, from, to, cancellationToken).ConfigureAwait(false);
            rows.AddRange(window.Rows.Select(one => stored.RowOf(one.Chunk, one.Row)));
            to = window.From;
        }

        rows.Reverse();
        return rows;
    }

    /// <summary>The partition whose next event was received last; null when one that may have a later one must be read first.</summary>
    private static StoredPartition? Newest(List<StoredPartition> partitions) =>
        partitions.Exists(one => one.NeedsRows) ? null
        : partitions.Where(one => !one.IsDone).MaxBy(one => (one.Received, one.Id));

    private IEventLog Log(string stream) => logs.Find(stream) ?? throw new ArgumentException($"There is no stream '{stream}'", nameof(stream));

    private async Task<EventWindows> OpenAsync(IEventLog log, EventFilter filter, CancellationToken cancellationToken)
    {
        try
        {
            var table = await catalog.FindAsync(log.Stream.Table, cancellationToken).ConfigureAwait(false);
            var deadLetters = await catalog.FindAsync(DeadLetters, cancellationToken).ConfigureAwait(false);
            return new EventWindows(log, table, positions.Read(log, table, deadLetters), engine, filter);
        }
        catch (LakeException error)
        {
            throw new QueryException("TABLE_NOT_READABLE", "55000", error.Message);
        }
    }

    /// <summary>How far one partition was read.</summary>
    private sealed class StoredPartition(int id, long bound)
    {
        private const long FirstWindow = 4_096;
        private const int FewRows = 1_000;
        private readonly Queue<(RingChunk Chunk, int Row)> ready = [];
        private long read = bound;
        private long window = FirstWindow;

        public int Id { get; } = id;

        /// <summary>Everything at or behind this offset was handed out or does not pass.</summary>
        public long Bound => ready.TryPeek(out var next) ? next.Chunk.Position(next.Row).Offset + 1 : read;

        public bool IsDone => ready.Count == 0 && read <= 0;

        public bool NeedsRows => ready.Count == 0 && read > 0;

        /// <summary>When its next event was received.</summary>
        public long Received => ready.Peek() is var (chunk, row) ? chunk.Received(row) : 0;

        public async Task ReadOnAsync(EventWindows stored, CancellationToken cancellationToken)
        {
            var found = await stored.ReadAsync(Id, Math.Max(0, read - window), read, cancellationToken).ConfigureAwait(false);
            read = found.From;
            foreach (var row in found.Rows)
            {
                ready.Enqueue(row);
            }

            // A filter that finds little looks through more at once; the engine skips what its statistics rule out.
            if (found.Scanned < FewRows)
            {
                window *= 8;
            }
        }

        public LogRow Take(EventWindows stored)
        {
            var (chunk, row) = ready.Dequeue();
            return stored.RowOf(chunk, row);
        }
    }
}
