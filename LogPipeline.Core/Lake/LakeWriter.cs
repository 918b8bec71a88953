using LogPipeline.Core.Configuration;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake.ByMinute;
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
internal sealed class LakeWriter : ITableWriter, IAsyncDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private readonly IEventLog log;
    private readonly LakeTables tables;
    private readonly LakeOptions options;
    private readonly LakeEvents events;
    private readonly TimeProvider time;
    private readonly Action<DeltaTable> committed;
    private readonly CancellationTokenSource drain = new();
    private readonly CancellationTokenSource kill = new();
    private Task running = Task.CompletedTask;
    private readonly IReadOnlyList<string> written;
    private WriterLease? lease;
    private volatile LakeSession? session;
    private volatile TableWriterFigures? earlier;
    private long gaps;
    private int disposed;

    public LakeWriter(IEventLog log, LakeTables tables, LakeOptions options, LakeEvents events, TimeProvider time, Action<DeltaTable> committed)
    {
        this.log = log;
        this.tables = tables;
        this.options = options;
        this.events = events;
        this.time = time;
        this.committed = committed;
        written = [log.Stream.Table, DeadLetterTable.Name, .. ByMinuteTable.Of(log.Stream) is { } byMinute ? [byMinute.Name] : Array.Empty<string>()];
    }

    /// <inheritdoc/>
    public string Stream => log.Stream.Name;

    /// <inheritdoc/>
    public string Table => log.Stream.Table;

    /// <inheritdoc/>
    public TableWriterState State { get; private set; }

    /// <inheritdoc/>
    public string? Problem { get; private set; }

    /// <inheritdoc/>
    public long Gaps => Interlocked.Read(ref gaps);

    /// <inheritdoc/>
    public TableWriterFigures? Figures => session?.Figures ?? earlier;

    /// <summary>Starts storing in the background.</summary>
    public void Start() => running = Task.Run(FollowAsync);

    /// <summary>Stores everything that is durable in the event log, then stops.</summary>
    /// <param name="deadline">Time allowed.</param>
    /// <returns>False when time ran out; the rest is stored after the next start.</returns>
    public async Task<bool> DrainAsync(TimeSpan deadline)
    {
        if (State is TableWriterState.Stopped)
        {
            return true;
        }

        await drain.CancelAsync();
        try
        {
            await running.WaitAsync(deadline, time);
        }
        catch (TimeoutException)
        {
            events.DrainLate(Stream);
            await kill.CancelAsync();
            await running;
            return false;
        }

        return State == TableWriterState.Complete;
    }

    /// <summary>Stores everything up to the present end of the event log and returns; for writers that were not started. The lease stays held until <see cref="Release"/>.</summary>
    /// <exception cref="LakeException">The table cannot take the stream, another process writes it, or its volume refuses.</exception>
    public async Task RunToEndAsync(CancellationToken cancellationToken)
    {
        State = TableWriterState.Draining;
        try
        {
            while (true)
            {
                if (!TryLease(out var busy))
                {
                    throw new LakeException($"{busy}; stop that process, or wait until it ended");
                }

                switch (await Open().RunAsync(follow: false, stopReading: CancellationToken.None, cancellationToken))
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

    /// <summary>Gives the lease up, so that another host may write at once; for a writer that has ended.</summary>
    public void Release() => Interlocked.Exchange(ref lease, null)?.Dispose();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 1)
        {
            return;
        }

        await kill.CancelAsync();
        await running;
        lease?.Dispose();
        drain.Dispose();
        kill.Dispose();
    }

    private async Task FollowAsync()
    {
        var wait = TimeSpan.FromSeconds(1);
        while (!kill.IsCancellationRequested)
        {
            try
            {
                if (!TryLease(out var busy))
                {
                    await StandByAsync(busy!);
                    if (drain.IsCancellationRequested)
                    {
                        break;
                    }

                    continue;
                }

                State = drain.IsCancellationRequested ? TableWriterState.Draining : TableWriterState.Starting;
                var current = Open();
                State = drain.IsCancellationRequested ? TableWriterState.Draining : TableWriterState.Following;
                Problem = null;
                using var end = CancellationTokenSource.CreateLinkedTokenSource(kill.Token, lease!.Lost);
                switch (await current.RunAsync(follow: !drain.IsCancellationRequested, drain.Token, end.Token))
                {
                    case SessionEnd.Unavailable(var reason):
                        events.Unavailable(Table, reason, wait);
                        wait = await WaitAsync(reason, wait);
                        break;
                    case SessionEnd.Ended:
                        State = TableWriterState.Complete;
                        events.Drained(Stream);
                        return;
                    default:
                        wait = TimeSpan.FromSeconds(1);
                        break;
                }
            }
            catch (OperationCanceledException) when (kill.IsCancellationRequested || lease is { Lost.IsCancellationRequested: true })
            {
                // Ending, or standing by from now on.
            }
            catch (Exception error) when (error is LakeException or EventLogException)
            {
                State = TableWriterState.Refused;
                Problem = error.Message;
                events.Refused(Stream, error.Message);
                return;
            }
            catch (Exception error)
            {
                events.WriterFailed(Stream, error);
                wait = await WaitAsync(error.Message, wait);
            }
        }

        State = TableWriterState.Stopped;
    }

    /// <summary>Makes sure that this process is the writer.</summary>
    /// <param name="busy">Who is, for a person, when the answer is no.</param>
    /// <exception cref="LakeException">The writer is another engine, which nobody takes over without a switch.</exception>
    private bool TryLease(out string? busy)
    {
        busy = null;
        if (lease is { } held)
        {
            if (held.Check())
            {
                return true;
            }

            events.LeaseLost(Table);
            Release();
        }

        lease = WriterLease.TryAcquire(tables.Leases, written, EngineKind.Embedded, out var other);
        if (other is not { Holder: var holder, Table: var table })
        {
            return true;
        }

        busy = $"Table '{table}' is written by {holder}";
        return holder.Engine == EngineKind.Embedded ? false : throw new LakeException(
            $"{busy}, and a table has one writing engine at a time. Set LogPipeline:Engine to {holder.Engine}; or stop that host and run 'logpipeline engine switch --to embedded'");
    }

    private async Task StandByAsync(string busy)
    {
        if (State != TableWriterState.Standby)
        {
            events.StandingBy(Stream, busy);
        }

        State = TableWriterState.Standby;
        Problem = busy;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(kill.Token, drain.Token);
        await Task.Delay(tables.Leases.RetryAfter, time, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<TimeSpan> WaitAsync(string reason, TimeSpan wait)
    {
        State = TableWriterState.Waiting;
        Problem = reason;
        try
        {
            // A drain does not wait for a volume that refuses: what is in the event log is safe there.
            await Task.Delay(wait, time, drain.IsCancellationRequested ? kill.Token : drain.Token);
        }
        catch (OperationCanceledException)
        {
            return TimeSpan.FromSeconds(1);
        }

        return wait * 2 < LongestWait ? wait * 2 : LongestWait;
    }

    private LakeSession Open()
    {
        var opened = LakeSession.Open(log, tables, lease!, options, events, time, committed, range =>
        {
            Interlocked.Add(ref gaps, range.Count);
            events.Gap(Stream, range.Partition, range.First, range.Last);
        });
        earlier = Figures;
        session = opened;
        return opened;
    }
}
