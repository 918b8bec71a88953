using System.IO.Hashing;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Percentiles;
using LogPipeline.Core.Streams;

namespace LogPipeline.Core.Live.Rolling;

/// <summary>Sums of the last two hours by second, level, source, endpoint and status. Not safe for threads: its owner locks.</summary>
/// <remarks>
/// Events are charted by their own time. One that was more than an hour old when it was received is late; one that is more than
/// five minutes ahead is not charted either. What lies up to five minutes ahead shows when its time has come.
/// </remarks>
internal sealed class MetricsCube(StreamSchema schema, LiveOptions options)
{
    private const long CompactEverySeconds = 600;
    private readonly ColumnPlaces places = new(schema);
    private int[] levels = [];
    private int[] sources = [];
    private int[] endpoints = [];
    private uint[] methodCounts = [];
    private long compactedAt;

    public Catalog Catalog { get; private set; } = new(options.MaxSources, options.MaxEndpoints);

    public BlockRing Blocks { get; } = new((long)options.MetricsMemoryMiB << 20);

    public ArrivalRate Arrivals { get; } = new();

    public ActiveSessions Active { get; } = new();

    /// <summary>Endpoints that found no room, as far as they can be told apart.</summary>
    public SessionSet OtherEndpoints { get; private set; } = new(4_096);

    public long Late { get; private set; }

    public long Ahead { get; private set; }

    public long Events { get; private set; }

    public long Errors { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Whether any event ever had a size.</summary>
    public bool AnySized { get; private set; }

    public long LastReceivedMicros { get; private set; }

    /// <param name="batch">The events.</param>
    /// <param name="nowMicros">The time, microseconds since 1970.</param>
    /// <param name="columns">Where the batch has its columns, if not where the stream's schema says.</param>
    public void Add(EventBatch batch, long nowMicros, ColumnPlaces? columns = null)
    {
        columns ??= places;
        var rows = batch.Events.Length;
        LastReceivedMicros = Math.Max(LastReceivedMicros, batch.ReceivedAtMicros);
        if (rows == 0)
        {
            return;
        }

        Encode(batch, rows, columns);
        AddRows(batch, rows, nowMicros / 1_000_000, columns);
        Blocks.Settle(nowMicros / 1_000_000 / TimeBlock.Length);
        Events += rows;
        var nowSecond = nowMicros / 1_000_000;
        if (Catalog.IsFull && nowSecond - compactedAt >= CompactEverySeconds)
        {
            compactedAt = nowSecond;
            (Catalog, methodCounts) = Compaction.Run(this, methodCounts, options);
            OtherEndpoints = new SessionSet(4_096);
        }
    }

    /// <summary>The method seen most often at an endpoint, or null.</summary>
    public string? MethodOf(int endpoint)
    {
        var width = Catalog.MaxMethods + 2;
        if ((endpoint + 1) * width > methodCounts.Length)
        {
            return null;
        }

        var counts = methodCounts.AsSpan(endpoint * width, width);
        var best = 0;
        for (var i = 1; i < width; i++)
        {
            best = counts[i] > counts[best] || best == 0 ? i : best;
        }

        return counts[best] == 0 || best >= Catalog.Methods.Count ? null : Catalog.Methods[best];
    }

    private void Encode(EventBatch batch, int rows, ColumnPlaces columns)
    {
        if (levels.Length < rows)
        {
            levels = new int[rows];
            sources = new int[rows];
            endpoints = new int[rows];
        }

        var column = Utf8Column.Of(batch.Events, columns.Level);
        for (var row = 0; row < rows; row++)
        {
            levels[row] = column.IsNull(row) ? ValueDictionary.None : Catalog.LevelOf(column.Value(row));
        }

        column = Utf8Column.Of(batch.Events, columns.Source);
        for (var row = 0; row < rows; row++)
        {
            sources[row] = column.IsNull(row) ? ValueDictionary.None : Catalog.Sources.IdOf(column.Value(row));
        }

        column = Utf8Column.Of(batch.Events, columns.Endpoint);
        for (var row = 0; row < rows; row++)
        {
            endpoints[row] = column.IsNull(row) ? ValueDictionary.None : EndpointOf(column.Value(row));
        }

        column = Utf8Column.Of(batch.Events, columns.Method);
        var width = Catalog.MaxMethods + 2;
        var least = Catalog.Endpoints.Count * width;
        if (!column.IsAbsent && methodCounts.Length < least)
        {
            System.Array.Resize(ref methodCounts, Math.Max(least, methodCounts.Length * 2));
        }

        for (var row = 0; row < rows && !column.IsAbsent; row++)
        {
            if (!column.IsNull(row))
            {
                methodCounts[(endpoints[row] * width) + Catalog.MethodOf(column.Value(row))]++;
            }
        }
    }

    private int EndpointOf(ReadOnlySpan<byte> value)
    {
        var hash = ValueDictionary.HashOf(value);
        var id = Catalog.Endpoints.IdOf(value, hash);
        if (id == ValueDictionary.Other)
        {
            OtherEndpoints.Add(hash << SessionSet.GroupBits);
        }

        return id;
    }

    private void AddRows(EventBatch batch, int rows, long nowSecond, ColumnPlaces columns)
    {
        var times = NumberColumn<long>.Of(batch.Events, columns.Timestamp);
        var statuses = NumberColumn<int>.Of(batch.Events, columns.Status);
        var responses = NumberColumn<double>.Of(batch.Events, columns.ResponseTime);
        var sizes = NumberColumn<long>.Of(batch.Events, columns.Bytes);
        var sessions = Utf8Column.Of(batch.Events, columns.Session);
        var receivedEach = batch.SparseReceivedAtMicros.Span;
        var received = batch.ReceivedAtMicros;
        var oldest = nowSecond - (2 * BlockRing.HourSeconds);
        var second = long.MinValue;
        Slice? slice = null;
        Slice? whole = null;
        for (var row = 0; row < rows; row++)
        {
            if (!receivedEach.IsEmpty)
            {
                received = receivedEach[row];
            }

            var status = statuses.IsNull(row) ? 0 : statuses[row];
            var combo = (uint)Catalog.ComboOf(levels[row], sources[row], endpoints[row], (uint)status < 1_000 ? status : 0);
            ref readonly var info = ref Catalog.Combos[(int)combo];
            var group = info.Group;
            var size = sizes.IsNull(row) ? -1 : Math.Max(0, sizes[row]);
            Errors += info.IsError ? 1 : 0;
            Bytes += Math.Max(0, size);
            AnySized |= size >= 0;
            Arrivals.Add(combo, received);

            var at = times.IsNull(row) ? received / 1_000_000 : FloorSeconds(times[row]);
            if (at != second)
            {
                second = at;
                (slice, whole) = Place(at, received / 1_000_000, oldest);
            }

            if (slice is null)
            {
                Count(at, received / 1_000_000);
                continue;
            }

            var response = responses.IsNull(row) || !(responses[row] >= 0) ? -1 : responses[row];
            AddTo(slice, combo, group, size, response);
            if (whole is not null)
            {
                AddTo(whole, combo, group, size, response);
            }

            if (!sessions.IsNull(row))
            {
                var key = (XxHash3.HashToUInt64(sessions.Value(row)) << SessionSet.GroupBits) | (uint)group;
                slice.Sessions.Add(key);
                whole?.Sessions.Add(key);
                if (at >= nowSecond - ActiveSessions.WindowSeconds)
                {
                    Active.Touch(key, at);
                }
            }
        }
    }

    private static void AddTo(Slice slice, uint combo, int group, long size, double response)
    {
        ref var cell = ref slice.Cells[combo];
        cell.Requests++;
        if (size >= 0)
        {
            cell.Sized++;
            cell.Bytes += size;
        }

        if (response >= 0)
        {
            cell.Timed++;
            cell.ResponseMs += response;
            slice.Times.Add(((uint)group << ResponseBins.Bits) | (uint)ResponseBins.Of(response), 1);
        }
    }

    private static long FloorSeconds(long micros) => micros >= 0 ? micros / 1_000_000 : ((micros + 1) / 1_000_000) - 1;

    private static bool IsLate(long at, long receivedSecond) => at < receivedSecond - BlockRing.HourSeconds;

    private (Slice?, Slice?) Place(long at, long receivedSecond, long oldest)
    {
        if (at < oldest || IsLate(at, receivedSecond) || at > receivedSecond + BlockRing.AheadSeconds || at < Blocks.DroppedBefore)
        {
            return (null, null);
        }

        return Blocks.Touch(at / TimeBlock.Length) is { } block ? block.SliceOf(at) : (null, null);
    }

    private void Count(long at, long receivedSecond)
    {
        Late += IsLate(at, receivedSecond) ? 1 : 0;
        Ahead += at > receivedSecond + BlockRing.AheadSeconds ? 1 : 0;
    }
}
