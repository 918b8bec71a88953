using System.Globalization;
using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake.Files;

namespace LogPipeline.Core.Lake.Writing;

/// <summary>Rows of a commit by the UTC day of their event, with the writer's own columns appended.</summary>
/// <remarks>Rows of one day that stand together are sliced, not copied; a batch that mixes its days row by row is gathered.</remarks>
internal sealed class DatedRows(StreamTable table, int partitionBase = 0)
{
    private const long MicrosPerDay = 86_400_000_000;

    // Slices shorter than this cost more than gathering their rows.
    private const int ShortestSlice = 64;
    private readonly SortedDictionary<int, List<RecordBatch>> byDay = [];

    /// <summary>Days since 1970 in order, each with its rows.</summary>
    public IReadOnlyDictionary<int, List<RecordBatch>> ByDay => byDay;

    /// <summary>The text of a day in partition values and folder names.</summary>
    public static string DayText(int day) => DateTime.UnixEpoch.AddDays(day).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>The UTC day of an instant.</summary>
    public static int DayOf(long micros) => (int)(micros / MicrosPerDay - (micros % MicrosPerDay < 0 ? 1 : 0));

    /// <summary>Adds the rows of a batch, without those that the table holds already.</summary>
    public void Add(EventBatch batch, StreamPositions.PartNote? alreadyIn)
    {
        if (batch.Events.Length == 0)
        {
            return;
        }

        var times = MemoryMarshal.Cast<byte, long>(batch.Events.Column(table.TimeIndex).Data.Buffers[1].Span)
            .Slice(batch.Events.Column(table.TimeIndex).Data.Offset, batch.Events.Length);
        var runs = RunsOf(times);
        var rows = WithOwnColumns(batch);
        if (alreadyIn is null && (runs.Count == 1 || runs.Count * ShortestSlice <= times.Length))
        {
            foreach (var (day, start, length) in runs)
            {
                RowsOf(day).Add(runs.Count == 1 ? rows : rows.Slice(start, length));
            }

            return;
        }

        foreach (var day in runs.GroupBy(run => run.Day))
        {
            var picked = new List<int>();
            foreach (var (_, start, length) in day)
            {
                for (var row = start; row < start + length; row++)
                {
                    if (alreadyIn is not { } note || day.Key > note.Through || batch.OffsetOf(row) > note.Until)
                    {
                        picked.Add(row);
                    }
                }
            }

            if (picked.Count > 0)
            {
                RowsOf(day.Key).Add(ArrowRows.Take(rows, CollectionsMarshal.AsSpan(picked)));
            }
        }
    }

    private List<RecordBatch> RowsOf(int day)
    {
        if (!byDay.TryGetValue(day, out var rows))
        {
            byDay[day] = rows = [];
        }

        return rows;
    }

    private static List<(int Day, int Start, int Length)> RunsOf(ReadOnlySpan<long> times)
    {
        var runs = new List<(int, int, int)>();
        var start = 0;
        while (start < times.Length)
        {
            var day = DayOf(times[start]);
            var from = day * MicrosPerDay;
            var end = start + 1;
            while (end < times.Length && (ulong)(times[end] - from) < (ulong)MicrosPerDay)
            {
                end++;
            }

            runs.Add((day, start, end - start));
            start = end;
        }

        return runs;
    }

    private RecordBatch WithOwnColumns(EventBatch batch)
    {
        var length = batch.Events.Length;
        var partitions = new byte[length * sizeof(int)];
        MemoryMarshal.Cast<byte, int>(partitions.AsSpan()).Fill(partitionBase + batch.Range.Partition);
        var offsetBytes = new byte[length * sizeof(long)];
        var offsets = MemoryMarshal.Cast<byte, long>(offsetBytes.AsSpan());
        for (var row = 0; row < length; row++)
        {
            offsets[row] = batch.OffsetOf(row);
        }

        var receivedBytes = new byte[length * sizeof(long)];
        var received = MemoryMarshal.Cast<byte, long>(receivedBytes.AsSpan());
        if (batch.SparseReceivedAtMicros.IsEmpty)
        {
            received.Fill(batch.ReceivedAtMicros);
        }
        else
        {
            batch.SparseReceivedAtMicros.Span.CopyTo(received);
        }

        return new RecordBatch(
            table.Arrow,
            [
                .. batch.Events.Arrays,
                new Int32Array(new ArrowBuffer(partitions), ArrowBuffer.Empty, length, 0, 0),
                new Int64Array(new ArrowBuffer(offsetBytes), ArrowBuffer.Empty, length, 0, 0),
                new TimestampArray(StreamTable.Micros, new ArrowBuffer(receivedBytes), ArrowBuffer.Empty, length, 0, 0),
            ],
            length);
    }
}
