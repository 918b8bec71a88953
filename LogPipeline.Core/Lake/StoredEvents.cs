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
        if (table is null || !before.All(one => stored.Last.GetValueOrDefault(one.Partition, -1) >= one.Offset - 1))
        {
            return null;
        }

        var ends = EndsOfOthers(log, table);
        foreach (var one in before.Where(one => one.Offset > 0))
        {
            ends[LogTurns.BaseOf(table, log.Stream.Name, log.LogId) + one.Partition] = one.Offset;
        }

        return ends.Count > 0 ? ReadRows(log.Stream, table, ends, sinceMicros, cancellationToken) : null;
    }

    /// <summary>Where the rows of the logs end that had their turn before, by <c>event_partition</c>.</summary>
    private Dictionary<int, long> EndsOfOthers(IEventLog log, TableSnapshot table)
    {
        var ends = new Dictionary<int, long>();

        // The live view may read before the commit that switches has noted what a checkpoint says of the log before.
        var known = positions.ProblemOf(log.Stream.Name, table) is null ? positions : new TransactionPositions();
        var logs = known.LogsOf(log.Stream.Name, table);
        foreach (var other in logs.Where(other => other != log.LogId))
        {
            // Rows of logs of one base are told apart by nothing: they were stored before bases were noted. A log that has no row yet has no base either.
            var partitionBase = LogTurns.BaseOf(table, log.Stream.Name, other);
            if (!logs.Contains(log.LogId) || partitionBase != LogTurns.BaseOf(table, log.Stream.Name, log.LogId))
            {
                foreach (var (partition, last) in known.Read(log.Stream.Name, other, table, deadLetters: null).Last)
                {
                    ends[partitionBase + partition] = last + 1;
                }
            }
        }

        return ends;
    }

    private static IEnumerable<EventBatch> ReadRows(
        StreamDefinition stream, TableSnapshot table, Dictionary<int, long> ends, long sinceMicros, CancellationToken cancellationToken)
    {
        var time = stream.Schema.Columns[StreamTable.TimeColumnOf(stream.Schema)].Name;
        var since = DateTimeOffset.UnixEpoch.AddTicks(sinceMicros * TimeSpan.TicksPerMicrosecond);
        var newest = table with { Files = [.. table.Files.Where(file => file.ModifiedAt >= since).OrderByDescending(file => file.ModifiedAt)] };
        string[] columns = [.. Metrics.Append(time).Where(column => stream.Schema.IndexOf(column) >= 0)];
        EventRange[] ranges = [.. ends.Select(one => new EventRange(one.Key, 0, one.Value - 1))];
        foreach (var rows in RangeReader.Read(newest, ranges, [.. columns, StreamTable.PartitionColumn, StreamTable.OffsetColumn, StreamTable.ReceivedColumn], cancellationToken))
        {
            if (Pick(stream, rows, time, columns, ends, sinceMicros) is { } batch)
            {
                using (batch)
                {
                    yield return batch;
                }
            }
        }
    }

    private static EventBatch? Pick(StreamDefinition stream, RecordBatch rows, string time, string[] columns, Dictionary<int, long> ends, long sinceMicros)
    {
        if (Column(rows, time) is not PrimitiveArray<long> times || Column(rows, StreamTable.ReceivedColumn) is not PrimitiveArray<long> received
            || Column(rows, StreamTable.PartitionColumn) is not Int32Array partitions || Column(rows, StreamTable.OffsetColumn) is not Int64Array offsets)
        {
            return null;
        }

        var picked = new List<int>();
        for (var row = 0; row < rows.Length; row++)
        {
            if (times.Values[row] >= sinceMicros && ends.TryGetValue(partitions.Values[row], out var end) && offsets.Values[row] < end)
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
            stream, ArrowRows.Take(narrow, picked.ToArray()), [], new EventRange(partitions.Values[picked[0]], offsetEach.Min(), offsetEach.Max()), receivedEach.Max())
        {
            SparseOffsets = offsetEach,
            SparseReceivedAtMicros = receivedEach,
        };
    }

    private static IArrowArray? Column(RecordBatch rows, string name) =>
        rows.Schema.GetFieldIndex(name) is >= 0 and var index ? rows.Column(index) : null;
}
