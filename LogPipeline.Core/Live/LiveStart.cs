using LogPipeline.Core.EventLog;

namespace LogPipeline.Core.Live;

/// <summary>Where reading back begins: an hour ago by the time of receipt, earlier while the ring has room, never beyond the limit.</summary>
internal static class LiveStart
{
    /// <summary>The search ends when it has the place this exactly; what is read too much is cheap.</summary>
    private const long Precision = 5_000;

    public static async Task<IReadOnlyList<EventPosition>> FindAsync(IEventLog log, LiveOptions options, long sinceMicros, CancellationToken cancellationToken)
    {
        var bounds = log.Bounds;
        var known = await log.FindReceivedAsync(sinceMicros, cancellationToken);
        var starts = new List<EventPosition>();
        foreach (var partition in bounds)
        {
            var earliest = EarliestOf(partition, options, bounds.Count);
            var latest = Math.Max(earliest, partition.End - (options.RingCapacity / bounds.Count));
            var since = known is null
                ? await FirstSinceAsync(log, bounds, partition.Partition, earliest, latest, sinceMicros, cancellationToken)
                : Math.Clamp(known.Where(one => one.Partition == partition.Partition).Select(one => one.Offset).DefaultIfEmpty(latest).First(), earliest, latest);
            starts.Add(new EventPosition(partition.Partition, since));
        }

        return starts;
    }

    /// <summary>Of each partition whose hour the event log does not hold, or holds with more than is read back, where reading begins.</summary>
    public static IReadOnlyList<EventPosition> CutShort(IReadOnlyList<PartitionBounds> bounds, IReadOnlyList<EventPosition> starts, LiveOptions options) =>
        [.. starts.Where(start => start.Offset > 0 && bounds.Any(one => one.Partition == start.Partition && start.Offset <= EarliestOf(one, options, bounds.Count)))];

    private static long EarliestOf(PartitionBounds partition, LiveOptions options, int partitions) =>
        Math.Max(partition.Begin, partition.End - (options.ReadBack / partitions));

    private static async Task<long> FirstSinceAsync(
        IEventLog log, IReadOnlyList<PartitionBounds> bounds, int partition, long low, long high, long sinceMicros, CancellationToken cancellationToken)
    {
        while (high - low > Precision)
        {
            var middle = low + ((high - low) / 2);
            if (await ReceivedAtAsync(log, bounds, new EventPosition(partition, middle), cancellationToken) is { } received && received < sinceMicros)
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    private static async Task<long?> ReceivedAtAsync(IEventLog log, IReadOnlyList<PartitionBounds> bounds, EventPosition position, CancellationToken cancellationToken)
    {
        EventPosition[] from = [.. bounds.Select(other => other.Partition == position.Partition ? position : new EventPosition(other.Partition, other.End))];
        await foreach (var read in log.ReadAsync(from, follow: false, cancellationToken))
        {
            if (read is LogRead.Batch(var batch))
            {
                using (batch)
                {
                    if (batch.Range.Partition == position.Partition)
                    {
                        return batch.ReceivedAtMicros;
                    }
                }
            }
        }

        return null;
    }
}
