using LogPipeline.Core.Ingest;

namespace LogPipeline.Core.EventLog.Embedded;

/// <summary>A batch on its way into the log: encoded, waiting for its sequence and for durability.</summary>
internal sealed class PendingAppend(List<EntryBuffer> entries, BatchOrigin? origin, int count) : IDisposable
{
    private readonly TaskCompletionSource<AppendOutcome> outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public List<EntryBuffer> Entries { get; } = entries;

    public BatchOrigin? Origin { get; } = origin;

    /// <summary>Records in it.</summary>
    public int Count { get; } = count;

    public long Bytes => Entries.Sum(entry => entry.Length);

    public long First { get; set; }

    public Task<AppendOutcome> Outcome => outcome.Task;

    public void Complete(AppendOutcome result)
    {
        Dispose();
        outcome.TrySetResult(result);
    }

    public void Fail(Exception cause)
    {
        Dispose();
        outcome.TrySetException(cause);
    }

    public void Dispose()
    {
        foreach (var entry in Entries)
        {
            entry.Dispose();
        }

        Entries.Clear();
    }
}
