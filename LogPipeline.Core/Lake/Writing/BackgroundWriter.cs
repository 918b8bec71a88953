using LogPipeline.Core.EventLog;

namespace LogPipeline.Core.Lake.Writing;

/// <summary>The life of a stream's writer: it follows the log in the background until it is drained or, when that takes too long, killed.</summary>
internal abstract class BackgroundWriter(IEventLog log, LakeEvents events, TimeProvider time) : IStreamWriter
{
    /// <summary>First pause after a failure.</summary>
    protected static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private readonly CancellationTokenSource drain = new();
    private readonly CancellationTokenSource kill = new();
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
    public void Start() => running = Task.Run(FollowAsync);

    /// <inheritdoc/>
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
            await KillAsync();
            await running;
            return false;
        }

        return State == TableWriterState.Complete;
    }

    /// <inheritdoc/>
    public abstract Task RunToEndAsync(CancellationToken cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 1)
        {
            return;
        }

        await KillAsync();
        await running;
        drain.Dispose();
        kill.Dispose();
    }

    /// <summary>Stores until <see cref="Draining"/> and what was read is stored, or until <see cref="Killed"/>; never throws.</summary>
    protected abstract Task FollowAsync();

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

    /// <summary>The pause after one that did not help.</summary>
    protected static TimeSpan Longer(TimeSpan wait) => wait * 2 < LongestWait ? wait * 2 : LongestWait;
}
