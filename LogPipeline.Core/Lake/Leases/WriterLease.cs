using LogPipeline.Core.Configuration;

namespace LogPipeline.Core.Lake.Leases;

/// <summary>The leases of all tables that one stream's writer writes: its own, <c>dead_letters</c> and the table by minute.</summary>
/// <remarks>They are taken in one order and all or none, so that two hosts never wait for each other.</remarks>
internal sealed class WriterLease : IDisposable
{
    private readonly List<TableLease> leases;
    private readonly CancellationTokenSource lost;
    private int disposed;

    private WriterLease(List<TableLease> leases)
    {
        this.leases = leases;
        lost = CancellationTokenSource.CreateLinkedTokenSource([.. leases.Select(lease => lease.Lost)]);
        Lost = lost.Token;
    }

    /// <summary>Cancelled when another process has taken one of them over.</summary>
    public CancellationToken Lost { get; }

    /// <summary>Takes them.</summary>
    /// <param name="all">The leases.</param>
    /// <param name="tables">Names of the tables, the stream's own first.</param>
    /// <param name="engine">What is going to write.</param>
    /// <param name="busy">Who has one of them, when the answer is null; else null.</param>
    /// <exception cref="LakeException">A lease is damaged, or the volume cannot put files in place safely.</exception>
    /// <exception cref="IOException">The volume failed.</exception>
    public static WriterLease? TryAcquire(TableLeases all, IReadOnlyList<string> tables, EngineKind engine, out LeaseHolder? busy)
    {
        var taken = new List<TableLease>();
        busy = null;
        try
        {
            foreach (var table in tables)
            {
                switch (all.TryAcquire(table, engine))
                {
                    case LeaseOutcome.Held(var one):
                        taken.Add(one);
                        break;
                    case LeaseOutcome.Busy(var holder):
                        busy = holder;

                        // The others are watched from now on too: a holder that stands still is waited for once, not once a table.
                        foreach (var other in tables)
                        {
                            _ = all.FindHolder(other);
                        }

                        return null;
                    default:
                        break;
                }
            }

            var lease = new WriterLease([.. taken]);
            taken.Clear();
            return lease;
        }
        finally
        {
            // What was taken before another one failed or was busy.
            taken.ForEach(lease => lease.Dispose());
        }
    }

    /// <summary>The lease of one of the tables.</summary>
    public TableLease Of(string table) => leases.Find(lease => lease.Table == table) ?? throw new ArgumentException($"'{table}' is not among the leases", nameof(table));

    /// <summary>Whether all of them are held now. To be asked right before every commit.</summary>
    public bool Check() => Volatile.Read(ref disposed) == 0 && leases.TrueForAll(lease => lease.Check());

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 0)
        {
            leases.ForEach(lease => lease.Dispose());
            lost.Dispose();
        }
    }
}
