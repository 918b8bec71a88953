using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Lake.Writing;
using LogPipeline.Spark.Broker;
using LogPipeline.Spark.Connect;

namespace LogPipeline.Spark.Streaming;

/// <summary>Stores one stream of Kafka by Structured Streaming, and looks after its queries: they start with each session, on their checkpoint.</summary>
/// <remarks>
/// What is stored is decided by Spark alone: a batch is in its table exactly once, because the table's transaction of the query names the batch. This
/// class may be killed at any moment.
/// </remarks>
internal sealed class StreamingWriter(IEventLog log, StreamingWriterSetup setup, LakeEvents events, TimeProvider time) : IStreamWriter
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private readonly StreamQueries queries = setup.QueriesOf(log.Stream);
    private readonly CancellationTokenSource drain = new();
    private readonly CancellationTokenSource kill = new();
    private Task running = Task.CompletedTask;
    private volatile TableWriterFigures? latest;
    private volatile string? lastError;
    private long gaps;
    private int disposed;

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
    public TableWriterFigures? Figures => latest is { } figures ? figures with { LastError = lastError } : null;

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
            await kill.CancelAsync();
            await running;
            return false;
        }

        return State == TableWriterState.Complete;
    }

    /// <inheritdoc/>
    public async Task RunToEndAsync(CancellationToken cancellationToken)
    {
        State = TableWriterState.Draining;
        try
        {
            var connection = await setup.Broker.ConnectAsync(null, cancellationToken);
            await using var run = Open(connection);
            await run.ToEndAsync(cancellationToken);
            State = TableWriterState.Complete;
        }
        catch (Exception error) when (error is SparkException or SparkServerException or IOException or UnauthorizedAccessException)
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
            SparkConnection? connection = null;
            try
            {
                State = drain.IsCancellationRequested ? TableWriterState.Draining : TableWriterState.Starting;
                using var starting = CancellationTokenSource.CreateLinkedTokenSource(kill.Token, drain.Token);
                connection = await setup.Broker.ConnectAsync(null, starting.Token);
                using var alive = CancellationTokenSource.CreateLinkedTokenSource(kill.Token, connection.Lost);
                await using var run = Open(connection);
                await run.StartAsync(alive.Token);
                State = TableWriterState.Following;
                Problem = null;
                await run.FollowAsync(() => wait = TimeSpan.FromSeconds(1), drain.Token, alive.Token);
                State = TableWriterState.Draining;
                await run.DrainAsync(alive.Token);
                State = TableWriterState.Complete;
                events.Drained(Stream);
                return;
            }
            catch (OperationCanceledException) when (kill.IsCancellationRequested || drain.IsCancellationRequested)
            {
                break;
            }
            catch (Exception error) when (error is LakeException or EventLogException)
            {
                State = TableWriterState.Refused;
                Problem = error.Message;
                events.Refused(Stream, error.Message);
                return;
            }
            catch (Exception error) when (connection?.Lost.IsCancellationRequested is true && error is OperationCanceledException or SparkException)
            {
                // The broker makes another session; the queries start in that one.
                lastError = "The session of Spark was lost";
            }
            catch (Exception error)
            {
                if (error is SparkSessionLostException or SparkConnectionException)
                {
                    connection?.Suspect();
                }

                wait = await WaitAsync(error, wait);
            }
        }

        State = TableWriterState.Stopped;
    }

    private StreamRun Open(SparkConnection connection)
    {
        var start = StreamStart.Open(log, setup.Tables, setup.Checkpoints, setup.Lake);
        foreach (var gap in start.Gaps)
        {
            Interlocked.Add(ref gaps, gap.Count);
            events.Gap(Stream, gap.Partition, gap.First, gap.Last);
        }

        return new StreamRun(log, start, queries, connection.Session, setup.Streaming, events, time) { Noted = figures => latest = figures };
    }

    private async Task<TimeSpan> WaitAsync(Exception error, TimeSpan wait)
    {
        State = TableWriterState.Waiting;
        Problem = error.Message;
        lastError = error.Message;
        if (error is SparkException or SparkServerException)
        {
            events.Unavailable(Table, error.Message, wait);
        }
        else
        {
            events.WriterFailed(Stream, error);
        }

        try
        {
            await Task.Delay(wait, time, drain.Token);
        }
        catch (OperationCanceledException)
        {
            // What is in the topic is safe there; a drain does not wait for an engine that refuses.
            await kill.CancelAsync();
        }

        return wait * 2 < LongestWait ? wait * 2 : LongestWait;
    }
}

/// <summary>What the streaming writers of a host share.</summary>
internal sealed record StreamingWriterSetup(
    SparkBroker Broker, LakeTables Tables, StreamCheckpoints Checkpoints, LakeOptions Lake, SparkStreamingOptions Streaming, Func<Core.Streams.StreamDefinition, StreamQueries> QueriesOf);
