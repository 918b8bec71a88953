using System.Runtime.CompilerServices;
using Apache.Arrow;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Streams;

namespace LogPipeline.Tests.Lake;

/// <summary>An event log of one partition in memory, for tests that need to say exactly what it holds.</summary>
internal sealed class MemoryEventLog(StreamDefinition stream, string logId = "0d6f8b0e-6f0e-4c55-9a3c-7a1c7e1b2a10") : IEventLog
{
    private readonly Lock gate = new();
    private readonly List<(RecordBatch Events, IReadOnlyList<RejectedRecord> Rejected, EventRange Range, long Received)> entries = [];
    private TaskCompletionSource more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public StreamDefinition Stream { get; } = stream;

    public string LogId { get; } = logId;

    public long Begin { get; set; }

    public long End { get; private set; }

    public IReadOnlyList<PartitionBounds> Bounds => [new PartitionBounds(0, Begin, End)];

    public EventLogStatus Status => new(true, null, 0, 0, 0);

    public long Stored { get; private set; } = -1;

    public EventRange Append(RecordBatch events, IReadOnlyList<RejectedRecord>? rejected = null, long receivedAtMicros = 1_767_312_000_000_000)
    {
        lock (gate)
        {
            var count = events.Length + (rejected?.Count ?? 0);
            var range = new EventRange(0, End, End + count - 1);
            entries.Add((events, rejected ?? [], range, receivedAtMicros));
            End += count;
            more.SetResult();
            more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return range;
        }
    }

    public ValueTask<AppendOutcome> AppendAsync(ParsedBatch batch, CancellationToken cancellationToken) =>
        ValueTask.FromResult<AppendOutcome>(new AppendOutcome.Appended(batch.Count, Append(batch.Events, batch.Rejected)));

    public async IAsyncEnumerable<LogRead> ReadAsync(
        IReadOnlyList<EventPosition> from, bool follow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var next = from.Count > 0 ? from[0].Offset : Begin;
        if (next < Begin)
        {
            yield return new LogRead.Gap(new EventRange(0, next, Begin - 1));
            next = Begin;
        }

        var index = IndexOf(next);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task wait;
            (RecordBatch Events, IReadOnlyList<RejectedRecord> Rejected, EventRange Range, long Received)? entry = null;
            lock (gate)
            {
                wait = more.Task;
                if (index < entries.Count)
                {
                    entry = entries[index++];
                }
            }

            if (entry is { } found)
            {
                if (found.Range.Last >= next)
                {
                    yield return new LogRead.Batch(Slice(found, Math.Max(next, found.Range.First)));
                }

                continue;
            }

            if (!follow)
            {
                yield break;
            }

            await wait.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Drops what is stored.</summary>
    public void Forget()
    {
        lock (gate)
        {
            entries.RemoveAll(entry => entry.Range.Last <= Stored);
        }
    }

    public void MarkStored(EventPosition position) => Stored = position.Offset;

    public FileRangeOrigin? FindFile(string fingerprint) => null;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private int IndexOf(long offset)
    {
        lock (gate)
        {
            var (low, high) = (0, entries.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = entries[middle].Range.Last < offset ? (middle + 1, high) : (low, middle);
            }

            return low;
        }
    }

    private EventBatch Slice((RecordBatch Events, IReadOnlyList<RejectedRecord> Rejected, EventRange Range, long Received) entry, long first)
    {
        var skip = (int)(first - entry.Range.First);
        var skipEvents = Math.Min(skip, entry.Events.Length);
        var events = entry.Events.SliceShared(skipEvents, entry.Events.Length - skipEvents);
        return new EventBatch(Stream, events, [.. entry.Rejected.Skip(skip - skipEvents)], entry.Range with { First = first }, entry.Received);
    }
}
