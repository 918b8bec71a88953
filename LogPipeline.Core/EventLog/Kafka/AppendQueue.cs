namespace LogPipeline.Core.EventLog.Kafka;

/// <summary>Batches that wait for the writer, bounded by their bytes. Safe from any thread.</summary>
/// <remarks>Invariant: the bytes of a batch count from the moment it is let in until it is answered, so those in a transaction count, too.</remarks>
internal sealed class AppendQueue(long maxBytes) : IDisposable
{
    private readonly Queue<PendingBatch> waiting = new();
    private readonly Lock gate = new();
    private readonly SemaphoreSlim work = new(0);
    private long bytes;

    /// <summary>Whether nothing waits and nothing is being written.</summary>
    public bool IsIdle
    {
        get
        {
            lock (gate)
            {
                return bytes == 0;
            }
        }
    }

    /// <summary>Whether batches wait.</summary>
    public bool HasMore
    {
        get
        {
            lock (gate)
            {
                return waiting.Count > 0;
            }
        }
    }

    /// <summary>Lets a batch in, unless too much waits already. One alone is let in whatever its size.</summary>
    public bool TryEnqueue(PendingBatch pending)
    {
        lock (gate)
        {
            if (bytes > 0 && bytes + pending.Bytes > maxBytes)
            {
                return false;
            }

            bytes += pending.Bytes;
            waiting.Enqueue(pending);
        }

        work.Release();
        return true;
    }

    /// <summary>Takes the batch that waits longest.</summary>
    public PendingBatch? TryDequeue()
    {
        lock (gate)
        {
            return waiting.TryDequeue(out var pending) ? pending : null;
        }
    }

    /// <summary>Answers a batch, and lets others in for it.</summary>
    public void Answer(PendingBatch pending, AppendOutcome outcome)
    {
        lock (gate)
        {
            bytes -= pending.Bytes;
        }

        pending.Complete(outcome);
    }

    /// <summary>Blocks until there may be something to do. One return stands for everything that came before it.</summary>
    public void Wait()
    {
        work.Wait();
        while (work.Wait(0))
        {
        }
    }

    /// <summary>Makes <see cref="Wait"/> return.</summary>
    public void Wake() => work.Release();

    /// <inheritdoc/>
    public void Dispose() => work.Dispose();
}
