namespace LogPipeline.Core.Lake.Leases;

/// <summary>A lease of this process, shared by everything in it that writes the table. Safe from any thread.</summary>
/// <remarks>
/// Held means: renewed less than its duration ago by a clock that goes on while the process sleeps, and nobody came after. A process that is
/// stopped between the check and its commit may still commit after its end; then the commit's transactions decide, because
/// whoever took over began from the position in the table.
/// </remarks>
internal sealed class HeldLease : IDisposable
{
    private readonly string folder;
    private readonly TimeSpan duration;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private readonly CancellationTokenSource lost = new();
    private LeaseFile file;
    private long renewedAt;
    private bool isLost;

    public HeldLease(string folder, LeaseFile file, TimeSpan duration, TimeProvider time)
    {
        this.folder = folder;
        this.file = file;
        this.duration = duration;
        this.time = time;
        renewedAt = time.GetTimestamp();
        Lost = lost.Token;
    }

    /// <summary>Counts the holders.</summary>
    public long Epoch => file.Epoch;

    /// <summary>Whether an earlier holder, or what this one started, may still write: whoever writes next, this process or another, shuts it out first.</summary>
    public bool EarlierMayWrite
    {
        get
        {
            lock (gate)
            {
                return file.EarlierMayWrite;
            }
        }

        set
        {
            lock (gate)
            {
                file = file with { EarlierMayWrite = value };
                _ = !isLost && TryRenew();
            }
        }
    }

    /// <summary>Cancelled when another process has taken over.</summary>
    public CancellationToken Lost { get; }

    /// <summary>Everything in this process that uses the lease.</summary>
    public int Users { get; set; } = 1;

    /// <summary>Whether it is held now; one that ended without a successor is renewed.</summary>
    public bool Check()
    {
        lock (gate)
        {
            return !isLost && (time.GetElapsedTime(renewedAt) < duration || TryRenew());
        }
    }

    /// <summary>Renews it; a volume that fails is tried again with the next renewal.</summary>
    public void Renew()
    {
        lock (gate)
        {
            _ = !isLost && TryRenew();
        }
    }

    /// <summary>Gives it up, so that the next one need not wait for its end.</summary>
    public void Release()
    {
        lock (gate)
        {
            if (isLost)
            {
                return;
            }

            isLost = true;
            try
            {
                (file with { Released = true, Beat = file.Beat + 1, ExpiresAt = time.GetUtcNow() }).Rewrite(folder);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // It ends by itself.
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => lost.Dispose();

    private bool TryRenew()
    {
        try
        {
            // Looking before and after: whoever came between the two is seen by the second look.
            if (IsLatest())
            {
                var at = time.GetTimestamp();
                var renewed = file with { Beat = file.Beat + 1, ExpiresAt = time.GetUtcNow() + duration };
                renewed.Rewrite(folder);
                if (IsLatest())
                {
                    (file, renewedAt) = (renewed, at);
                    return true;
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }

        isLost = true;
        lost.CancelAsync();
        return false;
    }

    private bool IsLatest() => LeaseFile.LatestEpoch(folder) <= file.Epoch;
}

/// <summary>The right to be the one writer of a table. Disposing gives it up.</summary>
public sealed class TableLease : IDisposable
{
    private readonly HeldLease held;
    private readonly Action release;
    private int disposed;

    internal TableLease(string table, HeldLease held, Action release)
    {
        Table = table;
        this.held = held;
        this.release = release;
    }

    /// <summary>Name of the table.</summary>
    public string Table { get; }

    /// <summary>Counts the writers of the table; greater than that of every writer before.</summary>
    public long Epoch => held.Epoch;

    /// <summary>Cancelled when another process has taken over: nothing more may be written.</summary>
    public CancellationToken Lost => held.Lost;

    /// <summary>Whether a writer before this one, or what this one started, may still write, and must be shut out before anything is stored.</summary>
    internal bool EarlierMayWrite
    {
        get => held.EarlierMayWrite;
        set => held.EarlierMayWrite = value;
    }

    /// <summary>Whether it is held now. To be asked right before every commit.</summary>
    public bool Check() => held.Check();

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 0)
        {
            release();
        }
    }
}
