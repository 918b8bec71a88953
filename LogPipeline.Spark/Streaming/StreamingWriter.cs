using LogPipeline.Core.Configuration;
using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Lake.Leases;
using LogPipeline.Core.Lake.Writing;
using LogPipeline.Spark.Broker;
using LogPipeline.Spark.Connect;

namespace LogPipeline.Spark.Streaming;

/// <summary>Stores one stream of Kafka by Structured Streaming, and looks after its queries: they start with each session, on their checkpoint.</summary>
/// <remarks>
/// What is stored is decided by Spark alone: a batch is in its table exactly once, because the table's transaction of the query names the batch. This
/// class may be killed at any moment.
/// </remarks>
internal sealed class StreamingWriter(IEventLog log, StreamingWriterSetup setup, LakeEvents events, TimeProvider time) : BackgroundWriter(log, setup.Tables.Leases, EngineKind.Spark, events, time)
{
    private readonly StreamQueries queries = setup.QueriesOf(log.Stream);
    private volatile TableWriterFigures? latest;
    private volatile string? lastError;
    private volatile SparkConnection? connection;

    /// <inheritdoc/>
    public override TableWriterFigures? Figures => latest is { } figures ? figures with { LastError = lastError } : null;

    /// <inheritdoc/>
    public override async Task RunToEndAsync(CancellationToken cancellationToken)
    {
        State = TableWriterState.Draining;
        try
        {
            var lease = TakeLease();
            using var writing = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lease.Lost);
            var current = await setup.Broker.ConnectAsync(null, writing.Token);
            await using var run = Open(lease, current, current.Lost);
            await run.ToEndAsync(writing.Token);
            State = TableWriterState.Complete;
        }
        catch (Exception error) when (error is SparkException or SparkServerException or IOException or UnauthorizedAccessException)
        {
            throw new LakeException($"Table '{Table}' cannot be written: {ReasonOf(error)}", error);
        }
    }

    /// <inheritdoc/>
    public override Task TakeOverAsync(CancellationToken cancellationToken)
    {
        _ = TakeLease();
        _ = StreamStart.Open(Log, setup.Tables, setup.Checkpoints, setup.Lake);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override async Task FollowAsync()
    {
        var wait = ShortestWait;
        while (!Killed.IsCancellationRequested)
        {
            connection = null;
            try
            {
                if (await AwaitLeaseAsync() is not { } lease)
                {
                    break;
                }

                State = Draining.IsCancellationRequested ? TableWriterState.Draining : TableWriterState.Starting;
                using var starting = CancellationTokenSource.CreateLinkedTokenSource(Killed, Draining, lease.Lost);
                var current = connection = await setup.Broker.ConnectAsync(null, starting.Token);
                using var reachable = CancellationTokenSource.CreateLinkedTokenSource(Killed, current.Lost);
                using var alive = CancellationTokenSource.CreateLinkedTokenSource(reachable.Token, lease.Lost);
                await using var run = Open(lease, current, reachable.Token);
                await run.StartAsync(alive.Token);
                State = TableWriterState.Following;
                Problem = null;
                await run.FollowAsync(() => wait = ShortestWait, Draining, alive.Token);
                State = TableWriterState.Draining;
                await run.DrainAsync(alive.Token);
                State = TableWriterState.Complete;
                Events.Drained(Stream);
                return;
            }
            catch (OperationCanceledException) when (Killed.IsCancellationRequested || Draining.IsCancellationRequested)
            {
                break;
            }
            catch (Exception error) when (IsLeaseLost && error is OperationCanceledException or SparkException)
            {
                // Standing by from now on.
            }
            catch (Exception error) when (error is LakeException or EventLogException)
            {
                Refuse(error);
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

    private StreamRun Open(WriterLease lease, SparkConnection current, CancellationToken reachable)
    {
        WriterFence.Raise(lease, Log, setup.Tables, new StreamingPositions(setup.Checkpoints, setup.Lake));
        var start = StreamStart.Open(Log, setup.Tables, setup.Checkpoints, setup.Lake);
        foreach (var gap in start.Gaps)
        {
            NoteGap(gap);
        }

        return new StreamRun(Log, start, queries, current.Session, setup.Streaming, Events, Time)
        {
            Reachable = reachable,
            Noted = figures => latest = figures,
            LeftRunning = () => lease.Of(Table).EarlierMayWrite = true,
        };
    }

    /// <summary>A failed query says why, and then its whole plan.</summary>
    private static string ReasonOf(Exception error) => error.Message.Split("\n=== Streaming Query ===", 2)[0];

    private async Task<TimeSpan> WaitAsync(Exception error, TimeSpan wait)
    {
        State = TableWriterState.Waiting;
        var reason = ReasonOf(error);
        Problem = reason;
        lastError = reason;
        if (error is SparkException or SparkServerException)
        {
            Events.Unavailable(Table, reason, wait);
        }
        else
        {
            Events.WriterFailed(Stream, error);
        }

        try
        {
            await Task.Delay(wait, Time, Draining);
        }
        catch (OperationCanceledException)
        {
            // What is in the topic is safe there; a drain does not wait for an engine that refuses.
            await KillAsync();
        }

        return Longer(wait);
    }
}

/// <summary>What the streaming writers of a host share.</summary>
internal sealed record StreamingWriterSetup(
    SparkBroker Broker, LakeTables Tables, StreamCheckpoints Checkpoints, LakeOptions Lake, SparkStreamingOptions Streaming, Func<Core.Streams.StreamDefinition, StreamQueries> QueriesOf);
