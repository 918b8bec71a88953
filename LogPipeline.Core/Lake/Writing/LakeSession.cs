using LogPipeline.Core.EventLog;

namespace LogPipeline.Core.Lake.Writing;

/// <summary>Why a session ended.</summary>
internal abstract record SessionEnd
{
    private SessionEnd()
    {
    }

    /// <summary>Everything that was read is stored.</summary>
    public sealed record Ended : SessionEnd;

    /// <summary>Reading was stopped to drain; what was read is stored.</summary>
    public sealed record ReadingStopped : SessionEnd;

    /// <summary>Somebody moved the position: read again from the table.</summary>
    public sealed record ReadAgain : SessionEnd;

    /// <summary>Another process writes the table now.</summary>
    public sealed record LeaseLost : SessionEnd;

    /// <summary>The volume refuses.</summary>
    public sealed record Unavailable(string Reason) : SessionEnd;
}

/// <summary>Reads an event log from the position in the table and stores it, until reading ends or a commit is lost.</summary>
internal sealed class LakeSession
{
    // While one commit is stored, this part of the next is read at most: the rest waits in the event log, not in memory.
    private const int ReadAheadShare = 4;
    private readonly IEventLog log;
    private readonly LakeOptions options;
    private readonly TimeProvider time;
    private readonly IBatchStore store;
    private readonly Action<EventRange> gap;
    private PendingCommit pending;

    /// <summary>A session that begins where the tables are.</summary>
    /// <param name="log">The event log.</param>
    /// <param name="options">When batches are cut.</param>
    /// <param name="time">The clock.</param>
    /// <param name="store">Where batches go.</param>
    /// <param name="gap">Told of positions that the log no longer holds.</param>
    public LakeSession(IEventLog log, LakeOptions options, TimeProvider time, IBatchStore store, Action<EventRange> gap)
    {
        this.log = log;
        this.options = options;
        this.time = time;
        this.store = store;
        this.gap = gap;
        pending = new PendingCommit(0);
    }

    /// <summary>Figures of the latest batch; null before the first.</summary>
    public TableWriterFigures? Figures => store.Figures;

    /// <summary>Stores until the log ends, or for good when following.</summary>
    /// <param name="follow">Whether to wait for more at the end.</param>
    /// <param name="stopReading">Ends reading; what was read is stored.</param>
    /// <param name="cancellationToken">Ends at once; what is not committed is read again later.</param>
    public async Task<SessionEnd> RunAsync(bool follow, CancellationToken stopReading, CancellationToken cancellationToken)
    {
        store.MarkStored();
        var storing = Task.FromResult<SessionEnd?>(null);
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await using var stop = follow ? stopReading.Register(reading.Cancel) : default;
        var reads = log.ReadAsync(store.Positions.Next, follow, reading.Token).GetAsyncEnumerator(reading.Token);
        Task<bool>? next = null;
        try
        {
            while (true)
            {
                next ??= reads.MoveNextAsync().AsTask();
                if (!next.IsCompleted)
                {
                    await WaitAsync(next, storing, cancellationToken);
                }

                if (storing.IsCompleted)
                {
                    if (await storing is { } end)
                    {
                        return end;
                    }

                    if (IsDue())
                    {
                        storing = Store(cancellationToken);
                        continue;
                    }
                }

                if (!next.IsCompleted)
                {
                    continue;
                }

                if (!await HasNext(next, stopReading))
                {
                    break;
                }

                next = null;
                Take(reads.Current);
                if (pending.Bytes >= options.CommitBytes / ReadAheadShare && await storing is { } lost)
                {
                    return lost;
                }

                if (pending.Bytes >= options.CommitBytes && MayCut())
                {
                    storing = Store(cancellationToken);
                }
            }

            if (await storing is { } last)
            {
                return last;
            }

            if (!MayCut())
            {
                return new SessionEnd.ReadingStopped();
            }

            storing = Store(cancellationToken);
            return await storing ?? (follow ? new SessionEnd.ReadingStopped() : new SessionEnd.Ended());
        }
        finally
        {
            await reading.CancelAsync();
            await FinishAsync(storing);
            await FinishAsync(next ?? Task.CompletedTask);
            await reads.DisposeAsync();
            pending.Release();
        }
    }

    private static async Task<bool> HasNext(Task<bool> next, CancellationToken stopReading)
    {
        try
        {
            return await next;
        }
        catch (OperationCanceledException) when (stopReading.IsCancellationRequested)
        {
            return false;
        }
    }

    private static async Task FinishAsync(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception)
        {
            // The session ends for another reason, which its caller learns.
        }
    }

    // Wakes when there is something to read, when the store is free and something is due, or when it will be.
    private async Task WaitAsync(Task next, Task storing, CancellationToken cancellationToken)
    {
        if (!storing.IsCompleted)
        {
            await Task.WhenAny(next, storing);
            return;
        }

        if (pending.IsEmpty || !MayCut())
        {
            await Task.WhenAny(next);
            return;
        }

        var left = options.CommitInterval - time.GetElapsedTime(pending.StartedAt);
        if (left <= TimeSpan.Zero)
        {
            return;
        }

        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(next, Task.Delay(left, time, waiting.Token));
        await waiting.CancelAsync();
    }

    private bool IsDue() => !pending.IsEmpty && MayCut() && time.GetElapsedTime(pending.StartedAt) >= options.CommitInterval;

    // Rows that a commit in parts put beyond the position are skipped by a note, which the next commit must not end within.
    private bool MayCut()
    {
        foreach (var (partition, last) in pending.Last)
        {
            if (store.Positions.NoteOf(partition) is { } note && last < note.Until)
            {
                return false;
            }
        }

        return true;
    }

    private void Take(LogRead read)
    {
        if (pending.IsEmpty)
        {
            pending.Release();
            pending = new PendingCommit(time.GetTimestamp());
        }

        switch (read)
        {
            case LogRead.Batch(var batch):
                pending.Add(batch);
                break;
            case LogRead.Gap(var range):
                gap(range);
                pending.Skip(range);
                break;
            default:
                break;
        }
    }

    private Task<SessionEnd?> Store(CancellationToken cancellationToken)
    {
        var cut = pending;
        pending = new PendingCommit(0);
        return Task.Run(
            async () =>
            {
                try
                {
                    if (cut.IsEmpty)
                    {
                        return null;
                    }

                    await log.ConfirmAsync(cancellationToken);
                    return await store.StoreAsync(cut, cancellationToken);
                }
                catch (EventLogUnavailableException error)
                {
                    return new SessionEnd.Unavailable(error.Message);
                }
                finally
                {
                    cut.Release();
                }
            },
            CancellationToken.None);
    }
}
