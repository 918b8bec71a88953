using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake.Writing;
using LogPipeline.Core.Percentiles;

namespace LogPipeline.Core.Lake.ByMinute;

/// <summary>Sums events by minute, partition, source, endpoint, method and status. Used by one thread.</summary>
internal sealed class MinuteTotals
{
    /// <summary>Columns that it reads.</summary>
    public static readonly IReadOnlyList<string> Columns =
        ["timestamp", "level", "source", "endpoint", "method", "status", "response_time", "bytes", StreamTable.PartitionColumn, StreamTable.OffsetColumn];

    private readonly Dictionary<int, EventRange> ranges;
    private readonly Dictionary<MinuteKey, int> places = [];
    private readonly List<MinuteKey> keys = [];
    private readonly List<MinuteSums> sums = [];
    private readonly ByteStrings strings = new();

    // Events by place × 2^Bits + bucket.
    private readonly Dictionary<long, long> buckets = [];

    /// <param name="ranges">What is summed, one range a partition at most; other rows are passed over.</param>
    public MinuteTotals(IEnumerable<EventRange> ranges) => this.ranges = ranges.ToDictionary(range => range.Partition);

    /// <summary>Rows that came together.</summary>
    public int Count => keys.Count;

    /// <summary>Adds the rows of the ranges.</summary>
    public void Add(RecordBatch batch)
    {
        var partitions = Needed<Int32Array>(batch, StreamTable.PartitionColumn);
        var offsets = Needed<Int64Array>(batch, StreamTable.OffsetColumn);
        var times = Needed<TimestampArray>(batch, "timestamp");
        var timesPerMinute = UnitsPerMinute((TimestampType)times.Data.DataType);
        var (levels, sources, endpoints, methods) = (Find<StringArray>(batch, "level"), Find<StringArray>(batch, "source"), Find<StringArray>(batch, "endpoint"), Find<StringArray>(batch, "method"));
        var (statuses, responses, sizes) = (Find<Int32Array>(batch, "status"), Find<DoubleArray>(batch, "response_time"), Find<Int64Array>(batch, "bytes"));
        var current = new EventRange(-1, 0, -1);
        for (var row = 0; row < batch.Length; row++)
        {
            var (partition, offset) = (partitions.GetValue(row), offsets.GetValue(row));
            if (partition is null || (partition != current.Partition && !ranges.TryGetValue(partition.Value, out current)) || !(offset >= current.First && offset <= current.Last))
            {
                continue;
            }

            var status = statuses?.GetValue(row);
            var key = new MinuteKey(
                Floor(times.Values[row], timesPerMinute), partition.Value, NumberOf(sources, row), NumberOf(endpoints, row), NumberOf(methods, row), status ?? MinuteKey.NoStatus);
            ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(places, key, out var exists);
            if (!exists)
            {
                place = keys.Count;
                keys.Add(key);
                sums.Add(default);
            }

            ref var sum = ref CollectionsMarshal.AsSpan(sums)[place];
            sum.Events++;
            sum.Errors += status >= 500 || IsError(levels, row) ? 1 : 0;
            if (sizes?.GetValue(row) is { } size)
            {
                sum.Sized++;
                sum.Bytes += size;
            }

            if (responses?.GetValue(row) is { } response && response >= 0)
            {
                sum.MaxResponse = sum.Timed++ == 0 ? response : Math.Max(sum.MaxResponse, response);
                sum.Response += response;
                CollectionsMarshal.GetValueRefOrAddDefault(buckets, ((long)place << ResponseBins.Bits) | (long)ResponseBins.Of(response), out _)++;
            }
        }
    }

    /// <summary>The sums as rows of the table, by UTC day.</summary>
    public IEnumerable<(int Day, RecordBatch Rows)> ToRows()
    {
        var bucketKeys = buckets.Keys.ToArray();
        var bucketCounts = buckets.Values.ToArray();
        System.Array.Sort(bucketKeys, bucketCounts);
        var firstBucket = new int[Count + 1];
        foreach (var key in bucketKeys)
        {
            firstBucket[(int)(key >> ResponseBins.Bits) + 1]++;
        }

        for (var place = 0; place < Count; place++)
        {
            firstBucket[place + 1] += firstBucket[place];
        }

        var order = Enumerable.Range(0, Count).ToArray();
        System.Array.Sort(keys.ToArray(), order);
        var rows = new MinuteRows(strings);
        for (var index = 0; index < order.Length; index++)
        {
            var place = order[index];
            var day = DayOf(keys[place]);
            var histogram = new long[firstBucket[place + 1] - firstBucket[place]];
            for (var bucket = 0; bucket < histogram.Length; bucket++)
            {
                var at = firstBucket[place] + bucket;
                histogram[bucket] = ((bucketKeys[at] & ((1 << ResponseBins.Bits) - 1)) << ByMinuteTable.CountBits) | bucketCounts[at];
            }

            rows.Add(keys[place], sums[place], histogram, ranges[keys[place].Partition]);
            if (index == order.Length - 1 || DayOf(keys[order[index + 1]]) != day)
            {
                yield return (day, rows.Take());
            }
        }
    }

    private static int DayOf(MinuteKey key) => (int)Floor(key.Minute, 24 * 60);

    private static bool IsError(StringArray? levels, int row) =>
        levels is not null && !levels.IsNull(row) && levels.GetBytes(row) is var level
        && (System.Text.Ascii.EqualsIgnoreCase(level, "ERROR"u8) || System.Text.Ascii.EqualsIgnoreCase(level, "FATAL"u8));

    private int NumberOf(StringArray? column, int row) => column is null || column.IsNull(row) ? ByteStrings.Null : strings.NumberOf(column.GetBytes(row));

    private static long UnitsPerMinute(TimestampType type) => type.Unit switch
    {
        TimeUnit.Second => 60,
        TimeUnit.Millisecond => 60_000,
        TimeUnit.Microsecond => 60_000_000,
        _ => 60_000_000_000,
    };

    private static long Floor(long value, long by) => (value / by) - (value % by < 0 ? 1 : 0);

    private static T Needed<T>(RecordBatch batch, string column)
        where T : class, IArrowArray => Find<T>(batch, column) ?? throw new LakeException($"A data file has no column {column}");

    private static T? Find<T>(RecordBatch batch, string column)
        where T : class, IArrowArray
    {
        var index = batch.Schema.GetFieldIndex(column, StringComparer.Ordinal);
        return index < 0 ? null
            : batch.Column(index) as T ?? throw new LakeException($"Column {column} of a data file is of type {batch.Schema.GetFieldByIndex(index).DataType.Name}");
    }
}

/// <summary>What the events of a row share. Strings by number; rows are ordered by minute first.</summary>
internal readonly record struct MinuteKey(long Minute, int Partition, int Source, int Endpoint, int Method, int Status) : IComparable<MinuteKey>
{
    /// <summary>Events without a status.</summary>
    public const int NoStatus = int.MinValue;

    public int CompareTo(MinuteKey other) =>
        (Minute, Partition, Source, Endpoint, Method, Status).CompareTo((other.Minute, other.Partition, other.Source, other.Endpoint, other.Method, other.Status));
}

/// <summary>Sums of a row.</summary>
internal record struct MinuteSums
{
    public long Events;
    public long Errors;
    public long Timed;
    public double Response;
    public double MaxResponse;
    public long Sized;
    public long Bytes;
}
