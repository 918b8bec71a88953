using LogPipeline.Core.Configuration;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake.Leases;

namespace LogPipeline.Core.Lake.Writing;

/// <summary>The life of a stream's writer: it follows the log in the background until it is drained or, when that takes too long, killed.</summary>
/// <remarks>It writes only while it holds the lease of every table that it writes; while another process does, it stands by.</remarks>
internal abstract class BackgroundWriter(IEventLog log, TableLeases leases, EngineKind engine, LakeEvents events, TimeProvider time) : IStreamWriter
{
    /// <summary>First pause after a failure.</summary>
    protected static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private readonly CancellationTokenSource drain = new();
    private readonly CancellationTokenSource kill = new();
    private WriterLease? lease;
    private volatile LeaseHolder? other;
    private Task running = Task.CompletedTask;
    private long gaps;
    private int disposed;

    /// <inheritdoc/>
    public string Stream => log.Stream.Name;

    /// <inheritdoc/>
    public string Table => log.Stream.Table;

    /// <inheritdoc/>
    public TableWriterState State { get; protected set; }

    /// <inheritdoc/>
    public string? Problem { get; protected set; }

    /// <inheritdoc/>
    public LeaseHolder? OtherWriter => other;

    /// <inheritdoc/>
    public long Gaps => Interlocked.Read(ref gaps);

    /// <inheritdoc/>
    public abstract TableWriterFigures? Figures { get; }

    /// <summary>The event log.</summary>
    protected IEventLog Log => log;

    /// <summary>What happens.</summary>
    protected LakeEvents Events => events;

    /// <summary>The clock.</summary>
    protected TimeProvider Time => time;

    /// <summary>Ends reading; what was read is to be stored.</summary>
    protected CancellationToken Draining => drain.Token;

    /// <summary>Ends at once.</summary>
    protected CancellationToken Killed => kill.Token;

    /// <inheritdoc/>
    public void Start()
    {
        // A drain that comes before the writer has its lease must not take it for one that was never started.
        State = TableWriterState.Starting;
        running = Task.Run(FollowAsync);
    }

    /// <inheritdoc/>
    public async Task<bool> DrainAsync(TimeSpan deadline)
    {
        if (State is TableWriterState.Stopped)
        {
            return true;
        }

        var isOurs = State != TableWriterState.Standby;
        await drain.CancelAsync();
        try
        {
            await running.WaitAsync(deadline, time);
        }
        catch (TimeoutException)
        {
            events.DrainLate(Stream);
            await KillAsync();
            await running;
            return false;
        }

        return State == TableWriterState.Complete || !isOurs;
    }

    /// <inheritdoc/>
    public abstract Task RunToEndAsync(CancellationToken cancellationToken);

    /// <inheritdoc/>
    public abstract Task TakeOverAsync(CancellationToken cancellationToken);

    /// <inheritdoc/>
    public void Release() => Interlocked.Exchange(ref lease, null)?.Dispose();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 1)
        {
            return;
        }

        await KillAsync();
        await running;
        lease?.Dispose();
        drain.Dispose();
        kill.Dispose();
    }

    /// <summary>Stores until <see cref="Draining"/> and what was read is stored, or until <see cref="Killed"/>; never throws.</summary>
    protected abstract Task FollowAsync();

    /// <summary>Becomes the tables' writer, however long another process is that.</summary>
    /// <returns>Null when this writer is to end before.</returns>
    /// <exception cref="LakeException">A lease is damaged, or the volume cannot put files in place safely.</exception>
    /// <exception cref="IOException">The volume failed.</exception>
    protected async Task<WriterLease?> AwaitLeaseAsync()
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(kill.Token, drain.Token);
        while (!kill.IsCancellationRequested)
        {
            if (TryLease() is { } held)
            {
                return held;
            }

            var busy = Busy();
            if (State != TableWriterState.Standby)
            {
                events.StandingBy(Stream, busy);
            }

            State = TableWriterState.Standby;
            Problem = other!.Engine == engine ? busy : $"{busy}, and a table has one writing engine at a time: set LogPipeline:Engine to {other.Engine}, or stop that host";
            await Task.Delay(leases.RetryAfter, time, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (drain.IsCancellationRequested)
            {
                return null;
            }
        }

        return null;
    }

    /// <summary>Becomes the tables' writer, or fails at once. It stays that until <see cref="Release"/>.</summary>
    /// <exception cref="LakeException">Another process writes one of the tables.</exception>
    protected WriterLease TakeLease() => TryLease() ?? throw new LakeException($"{Busy()}; stop that process, or wait until it ended");

    /// <summary>Whether this process has lost the lease that it had.</summary>
    protected bool IsLeaseLost => lease is { Lost.IsCancellationRequested: true };

    /// <summary>Ends at once; what is not committed is read again later.</summary>
    protected Task KillAsync() => kill.CancelAsync();

    /// <summary>Counts and tells positions that the log no longer has.</summary>
    protected void NoteGap(EventRange range)
    {
        Interlocked.Add(ref gaps, range.Count);
        events.Gap(Stream, range.Partition, range.First, range.Last);
    }

    /// <summary>The writer refuses to work until a person has done something.</summary>
    protected void Refuse(Exception error)
    {
        State = TableWriterState.Refused;
        Problem = error.Message;
        events.Refused(Stream, error.Message);
    }

    private WriterLease? TryLease()
    {
        if (lease is { } held)
        {
            if (held.Check())
            {
                return held;
            }

            events.LeaseLost(Table);
            Release();
        }

        lease = WriterLease.TryAcquire(leases, StreamTables.NamesOf(log.Stream), engine, out var busy);
        other = busy;
        return lease;
    }

    private string Busy() => $"Stream '{Stream}' is written by {other}";

    /// <summary>The pause after one that did not help.</summary>
    protected static TimeSpan Longer(TimeSpan wait) => wait * 2 < LongestWait ? wait * 2 : LongestWait;
}
