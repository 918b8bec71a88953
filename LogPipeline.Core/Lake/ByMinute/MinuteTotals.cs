using System.Runtime.CompilerServices;
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

    // Whether a string, by its number, is a level of errors.
    private readonly List<bool> isError = [];
    private readonly int[][] numbers = [[], [], [], []];

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
        var (statuses, responses, sizes) = (Find<Int32Array>(batch, "status"), Find<DoubleArray>(batch, "response_time"), Find<Int64Array>(batch, "bytes"));
        var columns = new NumberColumns(
            partitions, offsets, times, UnitsPerMinute((TimestampType)times.Data.DataType), statuses, responses, sizes);
        Add(batch.Length, columns, Numbers(batch, "source", 0), Numbers(batch, "endpoint", 1), Numbers(batch, "method", 2), Numbers(batch, "level", 3));
    }

    private readonly record struct NumberColumns(
        Int32Array Partitions, Int64Array Offsets, TimestampArray Times, long TimesPerMinute, Int32Array? Statuses, DoubleArray? Responses, Int64Array? Sizes);

    // Compiled at once: a short import would be over before the runtime finds out that this is worth it.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Add(
        int length, NumberColumns columns, ReadOnlySpan<int> sources, ReadOnlySpan<int> endpoints, ReadOnlySpan<int> methods, ReadOnlySpan<int> levels)
    {
        var partitionValues = columns.Partitions.Values;
        var offsetValues = columns.Offsets.Values;
        var timeValues = columns.Times.Values;
        var statusValues = Values(columns.Statuses);
        var responseValues = Values(columns.Responses);
        var sizeValues = Values(columns.Sizes);
        var current = new EventRange(-1, 0, -1);
        for (var row = 0; row < length; row++)
        {
            if (!columns.Partitions.IsValid(row) || !columns.Offsets.IsValid(row))
            {
                continue;
            }

            var (partition, offset) = (partitionValues[row], offsetValues[row]);
            if (partition != current.Partition)
            {
                current = ranges.GetValueOrDefault(partition, new EventRange(partition, 0, -1));
            }

            if (offset < current.First || offset > current.Last)
            {
                continue;
            }

            var status = statusValues.Length > 0 && columns.Statuses!.IsValid(row) ? statusValues[row] : MinuteKey.NoStatus;
            var key = new MinuteKey(Floor(timeValues[row], columns.TimesPerMinute), partition, sources[row], endpoints[row], methods[row], status);
            ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(places, key, out var exists);
            if (!exists)
            {
                place = keys.Count;
                keys.Add(key);
                sums.Add(default);
            }

            ref var sum = ref CollectionsMarshal.AsSpan(sums)[place];
            sum.Events++;
            sum.Errors += status >= 500 || (levels[row] >= 0 && isError[levels[row]]) ? 1 : 0;
            if (sizeValues.Length > 0 && columns.Sizes!.IsValid(row))
            {
                sum.Sized++;
                sum.Bytes += sizeValues[row];
            }

            if (responseValues.Length > 0 && columns.Responses!.IsValid(row) && responseValues[row] is >= 0 and var response)
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

    private static bool IsError(ReadOnlySpan<byte> level) =>
        System.Text.Ascii.EqualsIgnoreCase(level, "ERROR"u8) || System.Text.Ascii.EqualsIgnoreCase(level, "FATAL"u8);

    private static ReadOnlySpan<T> Values<T>(PrimitiveArray<T>? column)
        where T : struct, IEquatable<T> => column is null ? default : column.Values;

    // The number of each row's string, in an array that the column's next batch takes over.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private ReadOnlySpan<int> Numbers(RecordBatch batch, string name, int place)
    {
        if (numbers[place].Length < batch.Length)
        {
            numbers[place] = new int[batch.Length];
        }

        var into = numbers[place].AsSpan(0, batch.Length);
        if (Find<StringArray>(batch, name) is not { } column)
        {
            into.Fill(ByteStrings.Null);
            return into;
        }

        var bytes = column.Values;
        var offsets = column.ValueOffsets;
        for (var row = 0; row < into.Length; row++)
        {
            into[row] = column.IsValid(row) ? strings.NumberOf(bytes[offsets[row]..offsets[row + 1]]) : ByteStrings.Null;
        }

        while (isError.Count < strings.Count)
        {
            isError.Add(IsError(strings[isError.Count]));
        }

        return into;
    }

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
