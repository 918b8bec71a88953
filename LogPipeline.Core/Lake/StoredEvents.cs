using Apache.Arrow;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake.ByMinute;
using LogPipeline.Core.Lake.Files;
using LogPipeline.Core.Lake.Writing;
using LogPipeline.Core.Streams;
using ArrowSchema = Apache.Arrow.Schema;

namespace LogPipeline.Core.Lake;

/// <summary>Reads events back from the table of their stream.</summary>
internal sealed class StoredEvents(LakeTables tables, ITablePositions positions) : IStoredEvents
{
    private static readonly string[] Metrics = ["level", "source", "endpoint", "method", "status", "response_time", "session_id", "bytes"];

    /// <inheritdoc/>
    public IEnumerable<EventBatch>? Read(IEventLog log, IReadOnlyList<EventPosition> before, long sinceMicros, CancellationToken cancellationToken)
    {
        var table = tables.Find(log.Stream.Table)?.Snapshot();
        var stored = positions.Read(log, table, tables.Find(DeadLetterTable.Name)?.Snapshot());
        return table is not null && before.All(one => stored.Last.GetValueOrDefault(one.Partition, -1) >= one.Offset - 1)
            ? ReadRows(log.Stream, table, LogTurns.BaseOf(table, log.Stream.Name, log.LogId), before.Where(one => one.Offset > 0).ToDictionary(one => one.Partition, one => one.Offset), sinceMicros, cancellationToken)
            : null;
    }

    private static IEnumerable<EventBatch> ReadRows(
        StreamDefinition stream, TableSnapshot table, int partitionBase, Dictionary<int, long> before, long sinceMicros, CancellationToken cancellationToken)
    {
        var time = stream.Schema.Columns[StreamTable.TimeColumnOf(stream.Schema)].Name;
        var since = DateTimeOffset.UnixEpoch.AddTicks(sinceMicros * TimeSpan.TicksPerMicrosecond);
        var newest = table with { Files = [.. table.Files.Where(file => file.ModifiedAt >= since).OrderByDescending(file => file.ModifiedAt)] };
        string[] columns = [.. Metrics.Append(time).Where(column => stream.Schema.IndexOf(column) >= 0)];
        EventRange[] ranges = [.. before.Select(one => new EventRange(partitionBase + one.Key, 0, one.Value - 1))];
        foreach (var rows in RangeReader.Read(newest, ranges, [.. columns, StreamTable.PartitionColumn, StreamTable.OffsetColumn, StreamTable.ReceivedColumn], cancellationToken))
        {
            if (Pick(stream, rows, time, columns, partitionBase, before, sinceMicros) is { } batch)
            {
                using (batch)
                {
                    yield return batch;
                }
            }
        }
    }

    private static EventBatch? Pick(StreamDefinition stream, RecordBatch rows, string time, string[] columns, int partitionBase, Dictionary<int, long> before, long sinceMicros)
    {
        if (Column(rows, time) is not PrimitiveArray<long> times || Column(rows, StreamTable.ReceivedColumn) is not PrimitiveArray<long> received
            || Column(rows, StreamTable.PartitionColumn) is not Int32Array partitions || Column(rows, StreamTable.OffsetColumn) is not Int64Array offsets)
        {
            return null;
        }

        var picked = new List<int>();
        for (var row = 0; row < rows.Length; row++)
        {
            if (times.Values[row] >= sinceMicros && before.TryGetValue(partitions.Values[row] - partitionBase, out var end) && offsets.Values[row] < end)
            {
                picked.Add(row);
            }
        }

        if (picked.Count == 0)
        {
            return null;
        }

        // A table that another program widened may hold a column of another type: it counts as absent.
        string[] fitting = [.. columns.Where(column => Column(rows, column)?.Data.DataType.TypeId == stream.Schema.Arrow.GetFieldByName(column).DataType.TypeId)];
        using var narrow = new RecordBatch(
            new ArrowSchema(fitting.Select(stream.Schema.Arrow.GetFieldByName), null), fitting.Select(column => Column(rows, column)!), rows.Length);
        long[] receivedEach = [.. picked.Select(row => received.Values[row])];
        long[] offsetEach = [.. picked.Select(row => offsets.Values[row])];
        return new EventBatch(
            stream, ArrowRows.Take(narrow, picked.ToArray()), [], new EventRange(partitions.Values[picked[0]] - partitionBase, offsetEach.Min(), offsetEach.Max()), receivedEach.Max())
        {
            SparseOffsets = offsetEach,
            SparseReceivedAtMicros = receivedEach,
        };
    }

    private static IArrowArray? Column(RecordBatch rows, string name) =>
        rows.Schema.GetFieldIndex(name) is >= 0 and var index ? rows.Column(index) : null;
}
