using System.Globalization;
using LogPipeline.Core.Configuration;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake.ByMinute;
using LogPipeline.Core.Lake.Delta;
using LogPipeline.Core.Lake.Leases;
using LogPipeline.Core.Lake.Writing;
using Microsoft.Extensions.Options;

namespace LogPipeline.Core.Lake;

/// <summary>Lets a stream's table go on with the event log of the other broker, once it holds everything of the one before.</summary>
/// <remarks>
/// The switch is one commit of the stream's table: it notes how far the log before was stored, whichever engine stored it, and whose turn it is. Until then
/// the log before goes on as if nothing had been; a log that has its turn again goes on where it was stored.
/// </remarks>
internal sealed class BrokerSwitch(
    LakeTables tables, ITablePositions positions, OtherBroker other, IOptions<LakeOptions> options, LakeEvents events, LakeUpkeep upkeep, TimeProvider time, PipelineOptions? host = null)
{
    /// <summary>Gives a log its turn, unless it has it.</summary>
    /// <exception cref="LakeException">The log before is not fully stored, or nobody can tell.</exception>
    public async Task BeginAsync(IEventLog log)
    {
        var table = tables.Find(log.Stream.Table);
        var snapshot = table?.Snapshot();
        var current = TurnsOf(log, snapshot).CurrentFor(log.LogId);
        if (current == log.LogId)
        {
            return;
        }

        if (options.Value.Adopts(log.LogId))
        {
            if (current is not null)
            {
                Switch(log, table!, current, () => KnownOf(log, current));
            }

            return;
        }

        if (current is null && !other.IsHere)
        {
            return;
        }

        // Logs that this host's brokers do not have are refused by the table's writer, which says how one is adopted.
        var before = await FindAsync(log, current);
        if (before is null || before.LogId != (current ?? before.LogId))
        {
            return;
        }

        _ = StoredOf(log, before);
        if (current is not null)
        {
            Switch(log, table!, current, () => StoredOf(log, before));
        }
    }

    /// <summary>Switches, with the other writers shut out.</summary>
    /// <param name="log">The log that has its turn from here on.</param>
    /// <param name="table">The stream's table.</param>
    /// <param name="before">The log before.</param>
    /// <param name="read">Reads how far that is stored; null when that cannot be told, and what it left to derive is given up.</param>
    private void Switch(IEventLog log, DeltaTable table, string before, Func<StoredPositions?> read)
    {
        using var lease = TakeLease(log);
        WriterFence.Raise(lease, log, tables, positions);
        var moves = new List<TxnMove>();
        if (read() is { } stored)
        {
            Finish(log, before);
            moves = Outstanding(log, before, table, stored);
        }

        Commit(log, table, moves);
    }

    private WriterLease TakeLease(IEventLog log) =>
        WriterLease.TryAcquire(tables.Leases, StreamTables.NamesOf(log.Stream), host?.Engine ?? EngineKind.Embedded, out var busy)
            ?? throw new LakeException($"Table '{log.Stream.Table}' is written by {busy} from another event log; stop that process before the broker is switched");

    private LogTurns TurnsOf(IEventLog log, TableSnapshot? snapshot) =>
        new(log.Stream.Name, snapshot?.Transactions ?? new Dictionary<string, long>(), positions.LogsOf(log.Stream.Name, snapshot));

    private async Task<OtherLog?> FindAsync(IEventLog log, string? current)
    {
        try
        {
            return await other.FindAsync(log.Stream);
        }
        catch (EventLogUnavailableException error)
        {
            throw new LakeException(
                $"Table '{log.Stream.Table}' was last written from the event log {current}, and whether all of it is stored cannot be told: {other.Place(log.Stream)} does not answer ({error.Message}). "
                + $"Start the brokers (LogPipeline:Kafka:Brokers); or, to leave behind what may be there, set LogPipeline:Lake:AdoptLog to {log.LogId}", error);
        }
    }

    /// <summary>How far a log is stored that is left behind, as far as that is known.</summary>
    private StoredPositions? KnownOf(IEventLog log, string before)
    {
        try
        {
            return Read(log, before);
        }
        catch (LakeException)
        {
            return null;
        }
    }

    /// <summary>How far the log before is stored, which is up to its end.</summary>
    private StoredPositions StoredOf(IEventLog log, OtherLog before)
    {
        if (positions.ProblemOf(log.Stream.Name, tables.Find(log.Stream.Table)?.Snapshot()) is { } problem)
        {
            throw new LakeException($"{problem}; or, to leave behind what may be there, set LogPipeline:Lake:AdoptLog to {log.LogId}");
        }

        var stored = Read(log, before.LogId);
        var left = before.Bounds.Where(one => one.End > one.Begin && one.End > stored.Last.GetValueOrDefault(one.Partition, -1) + 1)
            .Select(one => string.Create(
                CultureInfo.InvariantCulture, $"partition {one.Partition} is stored up to {(stored.Last.TryGetValue(one.Partition, out var last) ? $"offset {last}" : "nothing")} and ends at {one.End}"))
            .ToList();
        if (left.Count == 0 && !stored.Settled)
        {
            left.Add("dead letters, or part of a batch, are still to be stored");
        }

        if (left.Count > 0)
        {
            throw new LakeException(
                $"The event log {before.LogId} of stream '{log.Stream.Name}' ({other.Place(log.Stream)}) is not fully stored in table '{log.Stream.Table}': {string.Join("; ", left)}. "
                + $"Stop whoever writes to it, run 'logpipeline lake drain --stream {log.Stream.Name} --set Broker={other.Kind}', and start again; "
                + $"or, to leave the rest behind, set LogPipeline:Lake:AdoptLog to {log.LogId}");
        }

        return stored;
    }

    private StoredPositions Read(IEventLog log, string before) =>
        positions.Read(log.Stream.Name, before, tables.Find(log.Stream.Table)?.Snapshot(), tables.Find(DeadLetterTable.Name)?.Snapshot());

    /// <summary>Derives what is left of the log before: nobody comes back for it.</summary>
    private void Finish(IEventLog log, string before)
    {
        if (ByMinuteTable.Of(log.Stream) is { } definition
            && new ByMinuteWriter(log.Stream.Name, before, definition, tables, positions, events, time, upkeep.Notify).RunToEnd(CancellationToken.None) is { } end)
        {
            throw new IOException(end is SessionEnd.Unavailable(var reason) ? reason : $"Another writer moved the position of table '{definition.Name}'");
        }
    }

    /// <summary>Positions that only another engine's checkpoint knows, as positions of ours.</summary>
    private List<TxnMove> Outstanding(IEventLog log, string before, DeltaTable table, StoredPositions stored)
    {
        var own = table.Read(state => StreamPositions.Read(state, log.Stream.Name, before, out _));
        var ahead = stored.Last.Where(one => one.Value > (own.Of(one.Key) ?? -1)).ToDictionary();
        return ahead.Count == 0 ? [] : TakeOver.MovesTo(own, before, log.Stream.Name, ahead, stored, table.Snapshot(), tables.Find(DeadLetterTable.Name)?.Snapshot());
    }

    private void Commit(IEventLog log, DeltaTable table, List<TxnMove> moves)
    {
        var all = moves.Concat(TurnsOf(log, table.Snapshot()).MovesTo(log.LogId)).ToList();
        switch (table.Commit(new CommitRequest("SWITCH BROKER") { Txns = all }))
        {
            case CommitOutcome.Committed:
                return;
            case CommitOutcome.Unavailable(var reason):
                throw new IOException(reason);
            default:
                throw new LakeException($"Another writer moved the position of table '{table.Name}' while its event log was switched; only one host may write it");
        }
    }
}
