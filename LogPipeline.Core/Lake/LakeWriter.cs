using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake.Delta;
using LogPipeline.Core.Lake.Writing;

namespace LogPipeline.Core.Lake;

/// <summary>What a stream's writer is doing.</summary>
public enum LakeWriterState
{
    /// <summary>Not started.</summary>
    Stopped,

    /// <summary>Opening tables and reading positions.</summary>
    Starting,

    /// <summary>Storing events as they arrive.</summary>
    Following,

    /// <summary>The volume refuses; waiting before the next try.</summary>
    Waiting,

    /// <summary>Storing what is durable in the event log, then stopping.</summary>
    Draining,

    /// <summary>Everything that was durable is stored.</summary>
    Complete,

    /// <summary>The table and the event log do not belong together; a person must decide.</summary>
    Refused,
}

/// <summary>Stores one stream in its table, and its rejected records in <c>dead_letters</c>. It is the only writer of the stream's rows.</summary>
/// <remarks>
/// Two tasks overlap: one reads batches and puts them together, the other encodes, syncs and commits the ones before. Rows and the
/// position after them are one commit, and <c>dead_letters</c> is committed before <c>logs</c> for the same range, so the position of
/// the stream's table is the position of the stream: whatever is beyond it is read again after a crash.
/// </remarks>
public sealed class LakeWriter : IAsyncDisposable
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
    private long gaps;
    private int disposed;

    internal LakeWriter(IEventLog log, LakeTables tables, LakeOptions options, LakeEvents events, TimeProvider time, Action<DeltaTable> committed)
    {
        this.log = log;
        this.tables = tables;
        this.options = options;
        this.events = events;
        this.time = time;
        this.committed = committed;
    }

    /// <summary>Name of the stream.</summary>
    public string Stream => log.Stream.Name;

    /// <summary>Name of its table.</summary>
    public string Table => log.Stream.Table;

    /// <summary>What it is doing.</summary>
    public LakeWriterState State { get; private set; }

    /// <summary>Why it does not store, for a person; null while it does.</summary>
    public string? Problem { get; private set; }

    /// <summary>Events that the event log no longer held when they were to be stored.</summary>
    public long Gaps => Interlocked.Read(ref gaps);

    /// <summary>Starts storing in the background.</summary>
    public void Start() => running = Task.Run(FollowAsync);

    /// <summary>Stores everything that is durable in the event log, then stops.</summary>
    /// <param name="deadline">Time allowed.</param>
    /// <returns>False when time ran out; the rest is stored after the next start.</returns>
    public async Task<bool> DrainAsync(TimeSpan deadline)
    {
        if (State is LakeWriterState.Stopped)
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

        return State == LakeWriterState.Complete;
    }

    /// <summary>Stores everything up to the present end of the event log and returns; for writers that were not started.</summary>
    /// <exception cref="LakeException">The table cannot take the stream, or its volume refuses.</exception>
    public async Task RunToEndAsync(CancellationToken cancellationToken)
    {
        State = LakeWriterState.Draining;
        try
        {
            while (true)
            {
                var session = Open();
                switch (await session.RunAsync(follow: false, stopReading: CancellationToken.None, cancellationToken))
                {
                    case SessionEnd.Ended:
                        State = LakeWriterState.Complete;
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
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 1)
        {
            return;
        }

        await kill.CancelAsync();
        await running;
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
                State = drain.IsCancellationRequested ? LakeWriterState.Draining : LakeWriterState.Starting;
                var session = Open();
                State = drain.IsCancellationRequested ? LakeWriterState.Draining : LakeWriterState.Following;
                Problem = null;
                var end = await session.RunAsync(follow: !drain.IsCancellationRequested, drain.Token, kill.Token);
                if (end is SessionEnd.Unavailable(var reason))
                {
                    events.Unavailable(Table, reason, wait);
                    wait = await WaitAsync(reason, wait);
                    continue;
                }

                wait = TimeSpan.FromSeconds(1);
                if (end is SessionEnd.Ended)
                {
                    State = LakeWriterState.Complete;
                    events.Drained(Stream);
                    return;
                }
            }
            catch (OperationCanceledException) when (kill.IsCancellationRequested)
            {
                break;
            }
            catch (LakeException error)
            {
                State = LakeWriterState.Refused;
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

        State = LakeWriterState.Stopped;
    }

    private async Task<TimeSpan> WaitAsync(string reason, TimeSpan wait)
    {
        State = LakeWriterState.Waiting;
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
        return LakeSession.Open(log, tables, options, events, time, committed, range =>
        {
            Interlocked.Add(ref gaps, range.Count);
            events.Gap(Stream, range.Partition, range.First, range.Last);
        });
    }
}
