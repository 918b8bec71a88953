using System.Collections.Concurrent;
using LogPipeline.Core.DataFolders;
using LogPipeline.Core.EventLog;

namespace LogPipeline.Core.Ingest;

/// <summary>What each stream took in since the host began, and how fast.</summary>
/// <param name="time">The clock.</param>
/// <param name="folder">Keeps the duplicates over a restart; without one they are counted since the host began.</param>
public sealed class IngestCounters(TimeProvider time, DataFolder? folder = null)
{
    private readonly DuplicateTally duplicates = new(folder);
    private readonly ConcurrentDictionary<string, StreamCounter> streams = new(StringComparer.Ordinal);

    /// <summary>The figures of a stream.</summary>
    /// <param name="log">The stream's event log.</param>
    public IngestFigures Read(IEventLog log)
    {
        var figures = streams.TryGetValue(log.Stream.Name, out var counter) ? counter.Read(time.GetUtcNow()) : new IngestFigures(0, 0, 0, 0, 0, null);
        return figures with { Duplicate = duplicates.Read(log) };
    }

    internal void Add(IEventLog log, long accepted, long rejected, long duplicate)
    {
        if (duplicate > 0)
        {
            duplicates.Add(log, duplicate);
        }

        streams.GetOrAdd(log.Stream.Name, _ => new StreamCounter()).Add(time.GetUtcNow(), accepted, rejected);
    }

    private sealed class StreamCounter
    {
        private const int Seconds = 8;
        private readonly Lock gate = new();
        private readonly (long Second, long Received, long Rejected)[] recent = new (long, long, long)[Seconds];
        private long accepted;
        private long rejected;
        private DateTimeOffset? last;

        public void Add(DateTimeOffset now, long events, long records)
        {
            lock (gate)
            {
                accepted += events;
                rejected += records;
                last = now;
                var second = now.ToUnixTimeSeconds();
                ref var slot = ref recent[second % Seconds];
                slot = slot.Second == second ? (second, slot.Received + events + records, slot.Rejected + records) : (second, events + records, records);
            }
        }

        public IngestFigures Read(DateTimeOffset now)
        {
            lock (gate)
            {
                // The five seconds before the present one are complete.
                var second = now.ToUnixTimeSeconds();
                var complete = recent.Where(slot => slot.Second < second && slot.Second >= second - 5).ToList();
                return new IngestFigures(accepted, rejected, 0, complete.Sum(slot => slot.Received) / 5.0, complete.Sum(slot => slot.Rejected) / 5.0, last is { } at ? now - at : null);
            }
        }
    }
}

/// <summary>What a stream took in since the host began.</summary>
/// <param name="Accepted">Events made durable.</param>
/// <param name="Rejected">Records that became dead letters.</param>
/// <param name="Duplicate">Records recognised as sent before, since the event log began.</param>
/// <param name="PerSecond">Records a second, mean of the last five.</param>
/// <param name="RejectedPerSecond">Dead letters a second, mean of the last five.</param>
/// <param name="Age">Time since the last record; null before the first.</param>
public sealed record IngestFigures(long Accepted, long Rejected, long Duplicate, double PerSecond, double RejectedPerSecond, TimeSpan? Age);
