using LogPipeline.Core.Configuration;
using LogPipeline.Core.Lake.Delta;

namespace LogPipeline.Core.Lake.Leases;

/// <summary>The leases that name the one writer of each table, whichever host and engine that is.</summary>
/// <remarks>
/// A lease is taken over when its holder released it, when the holder's process is known to have ended (it was on this machine), or when it was
/// not renewed for its duration as this process saw it: clocks of two machines are not compared, except where a lease ended minutes ago.
/// </remarks>
public sealed class TableLeases
{
    private static readonly TimeSpan ClockDifference = TimeSpan.FromMinutes(2);
    private readonly string root;
    private readonly Lazy<AtomicCommit> commits;
    private readonly TimeSpan duration;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private readonly Dictionary<string, HeldLease> held = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long Epoch, long Beat, long SeenAt)> seen = new(StringComparer.Ordinal);
    private bool isRenewing;

    internal TableLeases(string root, Lazy<AtomicCommit> commits, TimeSpan duration, TimeProvider time)
    {
        this.root = root;
        this.commits = commits;
        this.duration = duration;
        this.time = time;
    }

    /// <summary>How soon to ask again for a lease that is busy.</summary>
    public TimeSpan RetryAfter => duration / 3;

    /// <summary>Becomes the one writer of a table. Within this process a lease is shared; it is given up when all of its users have disposed it.</summary>
    /// <param name="table">Name of the table, which need not be there yet.</param>
    /// <param name="engine">What is going to write.</param>
    /// <exception cref="LakeException">The lease is damaged, or the volume cannot put files in place safely.</exception>
    /// <exception cref="IOException">The volume failed.</exception>
    public LeaseOutcome TryAcquire(string table, EngineKind engine)
    {
        lock (gate)
        {
            if (held.TryGetValue(table, out var mine))
            {
                if (mine.Check())
                {
                    mine.Users++;
                    return new LeaseOutcome.Held(Handle(table, mine));
                }

                held.Remove(table);
            }

            var folder = FolderOf(table);
            Durable.CreateFolder(folder);
            while (true)
            {
                var latest = LeaseFile.ReadLatest(folder);
                if (latest is not null && !IsOver(table, latest))
                {
                    return new LeaseOutcome.Busy(HolderOf(latest));
                }

                var now = time.GetUtcNow();
                var file = new LeaseFile((latest?.Epoch ?? 0) + 1, ProcessIdentity.Current, engine, 0, now, now + duration, Released: false, latest?.LeavesWriters() ?? false);
                if (commits.Value.TryPut(Path.Combine(folder, LeaseFile.NameOf(file.Epoch)), file.ToBytes()))
                {
                    file.RemoveEarlier(folder);
                    var lease = held[table] = new HeldLease(folder, file, duration, time);
                    StartRenewing();
                    return new LeaseOutcome.Held(Handle(table, lease));
                }
            }
        }
    }

    /// <summary>Whether this process is the table's writer now.</summary>
    public bool IsHeld(string table)
    {
        lock (gate)
        {
            return held.TryGetValue(table, out var mine) && mine.Check();
        }
    }

    /// <summary>The process that writes a table now; null when none does.</summary>
    /// <exception cref="LakeException">The lease is damaged.</exception>
    public LeaseHolder? FindHolder(string table)
    {
        lock (gate)
        {
            return LeaseFile.ReadLatest(FolderOf(table)) is { } latest && !IsOver(table, latest) ? HolderOf(latest) : null;
        }
    }

    private static LeaseHolder HolderOf(LeaseFile file) => new(file.Holder.Host, file.Holder.Id, file.Engine, file.AcquiredAt, file.Epoch);

    private string FolderOf(string table) => Path.Combine(root, table, LeaseFile.FolderName);

    private bool IsOver(string table, LeaseFile file)
    {
        if (file.Released || file.Holder.IsGone || time.GetUtcNow() - file.ExpiresAt > ClockDifference)
        {
            return true;
        }

        if (seen.TryGetValue(table, out var last) && last.Epoch == file.Epoch && last.Beat == file.Beat)
        {
            return time.GetElapsedTime(last.SeenAt) >= duration;
        }

        seen[table] = (file.Epoch, file.Beat, time.GetTimestamp());
        return false;
    }

    private TableLease Handle(string table, HeldLease lease) => new(table, lease, () =>
    {
        lock (gate)
        {
            if (--lease.Users == 0)
            {
                lease.Release();
                lease.Dispose();
                if (held.GetValueOrDefault(table) == lease)
                {
                    held.Remove(table);
                }
            }
        }
    });

    private void StartRenewing()
    {
        if (!isRenewing)
        {
            isRenewing = true;
            _ = Task.Run(RenewAsync);
        }
    }

    private async Task RenewAsync()
    {
        while (true)
        {
            await Task.Delay(RetryAfter, time);
            List<HeldLease> mine;
            lock (gate)
            {
                if (held.Count == 0)
                {
                    isRenewing = false;
                    return;
                }

                mine = [.. held.Values];
            }

            mine.ForEach(lease => lease.Renew());
        }
    }
}
