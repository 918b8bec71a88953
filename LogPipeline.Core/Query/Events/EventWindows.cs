using Apache.Arrow;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Lake.Writing;
using LogPipeline.Core.Live;
using LogPipeline.Core.Live.Filters;
using LogPipeline.Core.Live.Recent;
using LogPipeline.Core.Streams;

namespace LogPipeline.Core.Query.Events;

/// <summary>Reads events by offset from the stream's table, and from its event log what the table does not have yet.</summary>
/// <remarks>Rows of both go through the filter of the live view, so that a filter means the same everywhere; SQL only narrows what is read.</remarks>
internal sealed class EventWindows
{
    private const int MostRows = 20_000;
    private readonly IEventLog log;
    private readonly TableSnapshot? table;
    private readonly StoredPositions stored;
    private readonly IQueryEngine engine;
    private readonly EventFilter filter;
    private readonly CompiledFilter compiled;
    private readonly RowReader reader;

    /// <exception cref="ArgumentException">The filter's regular expression is wrong.</exception>
    public EventWindows(IEventLog log, TableSnapshot? table, StoredPositions stored, IQueryEngine engine, EventFilter filter)
    {
        this.log = log;
        this.table = table;
        this.stored = stored;
        this.engine = engine;
        this.filter = filter;
        var places = new ColumnPlaces(log.Stream.Schema);
        compiled = new CompiledFilter(filter, log.Stream.Schema, places);
        reader = new RowReader(log.Stream.Schema, places);
    }

    /// <summary>What a window held.</summary>
    /// <param name="Rows">Rows that pass, by falling offset.</param>
    /// <param name="From">First offset that was looked at; greater than wanted when there was too much for one answer.</param>
    /// <param name="Scanned">Rows looked at.</param>
    internal readonly record struct Window(IReadOnlyList<(RingChunk Chunk, int Row)> Rows, long From, long Scanned);

    public LogRow RowOf(RingChunk chunk, int row) => reader.Read(chunk, row);

    /// <summary>Events of a partition from <paramref name="from"/> to before <paramref name="to"/>, the later part of them when there are too many.</summary>
    /// <exception cref="QueryException">The table cannot be read now.</exception>
    public Task<Window> ReadAsync(int partition, long from, long to, CancellationToken cancellationToken)
    {
        var unstored = stored.Last.TryGetValue(partition, out var last) ? last + 1 : 0;
        return to > unstored
            ? ReadLogAsync(partition, Math.Max(from, unstored), to, cancellationToken)
            : ReadTableAsync(partition, from, to, cancellationToken);
    }

    private async Task<Window> ReadLogAsync(int partition, long from, long to, CancellationToken cancellationToken)
    {
        var begin = log.Bounds.FirstOrDefault(bounds => bounds.Partition == partition).Begin;
        var first = Math.Max(Math.Max(from, begin), to - MostRows);
        var rows = new List<(RingChunk, int)>();
        long scanned = 0;
        if (first < to)
        {
            EventPosition[] start = [.. log.Bounds.Select(bounds => new EventPosition(bounds.Partition, bounds.Partition == partition ? first : bounds.End))];
            await foreach (var read in log.ReadAsync(start, follow: false, cancellationToken).ConfigureAwait(false))
            {
                if (read is not LogRead.Batch(var batch))
                {
                    continue;
                }

                using (batch)
                {
                    if (batch.Range.Partition == partition && batch.Range.First >= to)
                    {
                        break;
                    }

                    if (batch.Range.Partition == partition)
                    {
                        scanned += batch.Events.Length;
                        rows.AddRange(Passing(batch, row => batch.OffsetOf(row) is var offset && offset >= first && offset < to));
                    }
                }
            }

            rows.Reverse();
        }

        return new Window(rows, first <= begin ? from : first, scanned);
    }

    private async Task<Window> ReadTableAsync(int partition, long from, long to, CancellationToken cancellationToken)
    {
        if (table is null)
        {
            return new Window([], from, 0);
        }

        var schema = log.Stream.Schema;
        var result = await engine.ExecuteAsync(new QueryRequest(WindowSql.Write(schema, table, LogTurns.BaseOf(table, log.Stream.Name, log.LogId) + partition, from, to, filter, MostRows), MostRows), cancellationToken).ConfigureAwait(false);
        var rows = new List<(RingChunk, int)>();
        var lowest = to;
        foreach (var batch in result.Batches)
        {
            var offsets = (Int64Array)batch.Column(schema.Columns.Count + 1);
            var received = (TimestampArray)batch.Column(schema.Columns.Count + 2);
            var events = new RecordBatch(schema.Arrow, batch.Arrays.Take(schema.Columns.Count + 1), batch.Length);
            lowest = offsets.Values[^1];
            rows.AddRange(Passing(
                new EventBatch(log.Stream, events, [], new EventRange(partition, lowest, offsets.Values[0]), 0)
                {
                    SparseOffsets = offsets.Values.ToArray(),
                    SparseReceivedAtMicros = received.Values.ToArray(),
                },
                _ => true));
        }

        return new Window(rows, result.Truncated || result.RowCount >= MostRows ? lowest : from, result.RowCount);
    }

    private IEnumerable<(RingChunk Chunk, int Row)> Passing(EventBatch batch, Func<int, bool> isWanted)
    {
        for (var from = 0; from < batch.Events.Length;)
        {
            var chunk = new RingChunk(log.Stream.Schema, from);
            var taken = chunk.Append(batch, from);
            for (var row = 0; row < taken; row++)
            {
                if (isWanted(from + row) && compiled.Passes(chunk, row))
                {
                    yield return (chunk, row);
                }
            }

            from += taken;
        }
    }
}
