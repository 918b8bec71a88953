using LogPipeline.Core.Configuration;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake.Delta;
using LogPipeline.Core.Lake.Leases;
using LogPipeline.Core.Lake.Writing;

namespace LogPipeline.Core.Lake;

/// <summary>Stores one stream in its table, and its rejected records in <c>dead_letters</c>. It is the only writer of the stream's rows.</summary>
/// <remarks>
/// Two tasks overlap: one reads batches and puts them together, the other encodes, syncs and commits the ones before. Rows and the
/// position after them are one commit, and <c>dead_letters</c> is committed before <c>logs</c> for the same range, so the position of
/// the stream's table is the position of the stream: whatever is beyond it is read again after a crash.
/// </remarks>
internal sealed class LakeWriter : BackgroundWriter
{
    private readonly Func<WriterLease, CancellationToken, Task<IBatchStore>> openStore;
    private readonly LakeOptions options;
    private volatile LakeSession? session;
    private volatile TableWriterFigures? earlier;

    /// <summary>A writer that commits to the tables itself.</summary>
    public LakeWriter(IEventLog log, LakeTables tables, LakeOptions options, LakeEvents events, TimeProvider time, Action<DeltaTable> committed, ITablePositions? engines = null)
        : this(log, tables, EngineKind.Embedded, options, events, time, async (lease, stop) =>
        {
            engines ??= new TransactionPositions();
            WriterFence.Raise(lease, log, tables, engines);
            var opened = await new TakeOver(log, tables, options, engines, StoreOf).OpenAsync(stop);

            // Upkeep that fell due while nothing ran.
            committed(opened.Table);
            committed(opened.DeadLetters);
            events.Started(log.Stream.Name, opened.Table.Name, opened.Positions.Next);
            return StoreOf(opened);

            LakeStore StoreOf(StreamTables one) => new(log, one, new AppendCommit(lease.Check, events, time, committed), events, time);
        })
    {
    }

    /// <summary>A writer whose batches go to a store.</summary>
    /// <param name="log">The event log.</param>
    /// <param name="tables">The tables, whose leases it needs.</param>
    /// <param name="engine">What writes.</param>
    /// <param name="options">When batches are cut.</param>
    /// <param name="events">What happens.</param>
    /// <param name="time">The clock.</param>
    /// <param name="openStore">Opens the tables, of which the lease is held, and reads the positions, at the start and after each failure.</param>
    public LakeWriter(
        IEventLog log, LakeTables tables, EngineKind engine, LakeOptions options, LakeEvents events, TimeProvider time, Func<WriterLease, CancellationToken, Task<IBatchStore>> openStore)
        : base(log, tables.Leases, engine, events, time)
    {
        this.options = options;
        this.openStore = openStore;
    }

    /// <inheritdoc/>
    public override TableWriterFigures? Figures => session?.Figures ?? earlier;

    /// <inheritdoc/>
    public override async Task RunToEndAsync(CancellationToken cancellationToken)
    {
        State = TableWriterState.Draining;
        try
        {
            while (true)
            {
                switch (await (await OpenAsync(TakeLease(), cancellationToken)).RunAsync(follow: false, stopReading: CancellationToken.None, cancellationToken))
                {
                    case SessionEnd.Ended:
                        State = TableWriterState.Complete;
                        return;
                    case SessionEnd.Unavailable(var reason):
                        throw new LakeException($"Table '{Table}' cannot be written: {reason}");
                    default:
                        break;
                }
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ParquetSharp.ParquetException)
        {
            throw new LakeException($"Table '{Table}' cannot be written: {error.Message}", error);
        }
    }

    /// <inheritdoc/>
    public override async Task TakeOverAsync(CancellationToken cancellationToken)
    {
        try
        {
            _ = await openStore(TakeLease(), cancellationToken);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new LakeException($"Table '{Table}' cannot be taken over: {error.Message}", error);
        }
    }

    /// <inheritdoc/>
    protected override async Task FollowAsync()
    {
        var wait = ShortestWait;
        while (!Killed.IsCancellationRequested)
        {
            try
            {
                if (await AwaitLeaseAsync() is not { } lease)
                {
                    break;
                }

                State = Draining.IsCancellationRequested ? TableWriterState.Draining : TableWriterState.Starting;
                using var writing = CancellationTokenSource.CreateLinkedTokenSource(Killed, lease.Lost);
                var current = await OpenAsync(lease, writing.Token);
                State = Draining.IsCancellationRequested ? TableWriterState.Draining : TableWriterState.Following;
                Problem = null;
                var end = await current.RunAsync(follow: !Draining.IsCancellationRequested, Draining, writing.Token);
                if (end is SessionEnd.Unavailable(var reason))
                {
                    Events.Unavailable(Table, reason, wait);
                    wait = await WaitAsync(reason, wait);
                    continue;
                }

                wait = ShortestWait;
                if (end is SessionEnd.Ended)
                {
                    State = TableWriterState.Complete;
                    Events.Drained(Stream);
                    return;
                }
            }
            catch (OperationCanceledException) when (Killed.IsCancellationRequested || IsLeaseLost)
            {
                // Ending, or standing by from now on.
            }
            catch (Exception error) when (error is LakeException or EventLogException)
            {
                Refuse(error);
                return;
            }
            catch (Exception error)
            {
                Events.WriterFailed(Stream, error);
                wait = await WaitAsync(error.Message, wait);
            }
        }

        State = TableWriterState.Stopped;
    }

    private async Task<TimeSpan> WaitAsync(string reason, TimeSpan wait)
    {
        State = TableWriterState.Waiting;
        Problem = reason;
        try
        {
            // A drain does not wait for a volume that refuses: what is in the event log is safe there.
            await Task.Delay(wait, Time, Draining.IsCancellationRequested ? Killed : Draining);
        }
        catch (OperationCanceledException)
        {
            return ShortestWait;
        }

        return Longer(wait);
    }

    private async Task<LakeSession> OpenAsync(WriterLease lease, CancellationToken cancellationToken)
    {
        var opened = new LakeSession(Log, options, Time, await openStore(lease, cancellationToken), NoteGap);
        earlier = Figures;
        session = opened;
        return opened;
    }
}
