using LogPipeline.Core.Configuration;

namespace LogPipeline.Core.Lake.Leases;

/// <summary>Who writes a table, or wrote it last.</summary>
/// <param name="Host">Name of the machine.</param>
/// <param name="ProcessId">Process.</param>
/// <param name="Engine">Engine that writes.</param>
/// <param name="Since">When it began.</param>
/// <param name="Epoch">Counts the writers of the table, from 1.</param>
public sealed record LeaseHolder(string Host, int ProcessId, EngineKind Engine, DateTimeOffset Since, long Epoch)
{
    /// <summary>For messages: <c>process 4711 on web-1 with Engine=Embedded</c>.</summary>
    public override string ToString() => $"process {ProcessId} on {Host} with Engine={Engine}";
}

/// <summary>What became of asking for a table's lease.</summary>
public abstract record LeaseOutcome
{
    private LeaseOutcome()
    {
    }

    /// <summary>This process is the table's one writer until the lease is disposed or lost.</summary>
    /// <param name="Lease">The lease.</param>
    public sealed record Held(TableLease Lease) : LeaseOutcome;

    /// <summary>Another process writes the table. Ask again: its lease is taken over once it is released or has ended.</summary>
    /// <param name="Holder">That process.</param>
    public sealed record Busy(LeaseHolder Holder) : LeaseOutcome;
}
