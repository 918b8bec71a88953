using System.Globalization;
using LogPipeline.Core.Live.Recent;
using LogPipeline.Core.Streams;

namespace LogPipeline.Core.Live.Anomalies;

/// <summary>Flags single events: level ERROR or FATAL, or slower than the limit.</summary>
internal sealed class EventRules(EventRing ring, StreamSchema schema, double slowMs)
{
    private readonly ColumnPlaces places = new(schema);
    private readonly RowReader rows = new(schema, new ColumnPlaces(schema));

    /// <summary>Flagged events that are still in memory, newest received first.</summary>
    public List<LiveAnomaly> Recent(AnomalyQuery query, int limit)
    {
        var found = new List<LiveAnomaly>();
        var view = ring.View();
        var since = query.Since is { } time ? (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond : long.MinValue;
        for (var i = view.Chunks.Length - 1; i >= 0 && found.Count < limit; i--)
        {
            var (from, to) = view.RowsIn(i);
            var chunk = view.Chunks[i];
            for (var row = to - 1; row >= from && found.Count < limit; row--)
            {
                if (KindOf(chunk, row) is { } kind && rows.Timestamp(chunk, row) >= since
                    && Has(chunk, row, places.Endpoint, query.Endpoint) && Has(chunk, row, places.Source, query.Source))
                {
                    found.Add(Describe(chunk, row, kind));
                }
            }
        }

        return found;
    }

    private string? KindOf(RingChunk chunk, int row)
    {
        if (places.Level >= 0 && !chunk.Column(places.Level).IsNull(row)
            && Levels.ClassOf(((StringChunk)chunk.Column(places.Level))[row]) == LevelClass.Error)
        {
            return "error";
        }

        return rows.ResponseTime(chunk, row) > slowMs ? BurstDetector.Slow : null;
    }

    private bool Has(RingChunk chunk, int row, int column, string? wanted) => wanted is null || rows.Text(chunk, column, row) == wanted;

    private LiveAnomaly Describe(RingChunk chunk, int row, string kind)
    {
        var seen = rows.Read(chunk, row);
        var at = DateTimeOffset.UnixEpoch.AddTicks(seen.TimestampMicros * TimeSpan.TicksPerMicrosecond);
        var (value, expected, text) = kind == "error"
            ? ((double?)seen.Status, (double?)null, $"{seen.Level}{(seen.Message is null ? "" : ": " + seen.Message)}")
            : (seen.ResponseTimeMs, slowMs, string.Create(CultureInfo.InvariantCulture, $"{seen.ResponseTimeMs:0.#} ms, above the limit of {slowMs:0.#} ms"));
        return new LiveAnomaly(at, kind, seen.Endpoint, seen.Source, seen.Level, value, expected, text, seen.Position);
    }
}
