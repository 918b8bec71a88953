using LogPipeline.Core.EventLog;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Lake.Writing;
using LogPipeline.Spark.Connect;

namespace LogPipeline.Spark.Streaming;

/// <summary>The queries of one stream in one session, from their start to their end.</summary>
internal sealed class StreamRun(
    IEventLog log, StreamStart start, StreamQueries queries, SparkSession session, SparkStreamingOptions options, LakeEvents events, TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ConfirmInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AwaitStep = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(1);
    private TableSnapshot table = start.Tables.Table.Snapshot();
    private TableSnapshot deadLetters = start.Tables.DeadLetters.Snapshot();
    private StreamingQuery? rows;
    private StreamingQuery? letters;
    private long latestBatch = -1;

    /// <summary>Ends when the queries cannot be reached any more: their session is lost, or the writer has no time left.</summary>
    public CancellationToken Reachable { get; init; }

    /// <summary>Told the figures of each batch.</summary>
    public Action<TableWriterFigures> Noted { get; init; } = _ => { };

    /// <summary>Told that a query could not be stopped and may go on.</summary>
    public Action LeftRunning { get; init; } = () => { };

    private int Partitions => log.Bounds.Count;

    /// <summary>Starts the query that stores rows.</summary>
    /// <exception cref="SparkException">Spark refuses it.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        MarkStored();
        await queries.ConfigureAsync(session, cancellationToken);

        // A start that was given up could leave a query that nobody ends.
        rows = await queries.StartRowsAsync(session, start, Partitions, follow: true, Reachable);
        events.Started(log.Stream.Name, table.Name, [.. Next().Rows.Select(one => new EventPosition(one.Key, one.Value))]);
    }

    /// <summary>Looks after the queries until they fail or are to stop.</summary>
    /// <param name="alive">Told when the query is found to work.</param>
    /// <param name="stop">Ends looking after them.</param>
    /// <param name="cancellationToken">Ends at once.</param>
    /// <exception cref="SparkException">A query failed.</exception>
    /// <exception cref="EventLogException">The topic was made anew.</exception>
    public async Task FollowAsync(Action alive, CancellationToken stop, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, cancellationToken);
        var storingLetters = DeadLettersNowAndThenAsync(either.Token);
        try
        {
            var confirmed = time.GetTimestamp();
            using var timer = new PeriodicTimer(Look, time);
            while (await timer.WaitForNextTickAsync(either.Token))
            {
                if (storingLetters.IsCompleted)
                {
                    await storingLetters;
                }

                if (await LookAsync(either.Token))
                {
                    alive();
                }

                if (time.GetElapsedTime(confirmed) > ConfirmInterval)
                {
                    await ConfirmAsync(either.Token);
                    confirmed = time.GetTimestamp();
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // To be drained.
        }
        finally
        {
            await either.CancelAsync();
            await storingLetters.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Stores what is in the topic now, and ends the queries.</summary>
    /// <exception cref="SparkException">A query failed.</exception>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        // A query is never out of work while others go on producing: what the topic holds now is enough.
        var ends = await EndsAsync(cancellationToken);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var outOfWork = rows!.ProcessAllAvailableAsync(waiting.Token);
        try
        {
            while (!outOfWork.IsCompleted && !(await LookAsync(cancellationToken) && IsStored(ends)))
            {
                await Task.WhenAny(outOfWork, Task.Delay(Look, time, cancellationToken));
                cancellationToken.ThrowIfCancellationRequested();
            }

            if (outOfWork.IsCompleted)
            {
                await outOfWork;
            }
        }
        finally
        {
            await waiting.CancelAsync();
            await outOfWork.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await rows.StopAsync(cancellationToken);
        rows = null;
        NoteRows(null);
        await StoreDeadLettersAsync(cancellationToken);
    }

    /// <summary>Stores what is in the topic now, by queries that end by themselves.</summary>
    /// <exception cref="SparkException">A query failed.</exception>
    public async Task ToEndAsync(CancellationToken cancellationToken)
    {
        await queries.ConfigureAsync(session, cancellationToken);
        rows = await queries.StartRowsAsync(session, start, Partitions, follow: false, cancellationToken);
        await UntilEndAsync(rows, cancellationToken);
        rows = null;
        NoteRows(null);
        await StoreDeadLettersAsync(cancellationToken);
    }

    /// <summary>Ends the queries, and waits until they have ended: one that ran on would store once more what comes after it from another checkpoint.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var query in (StreamingQuery?[])[rows, letters])
        {
            if (query is not null)
            {
                await EndAsync(query);
            }
        }
    }

    private async Task EndAsync(StreamingQuery query)
    {
        do
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(Reachable.IsCancellationRequested ? CancellationToken.None : Reachable);
            patience.CancelAfter(Reachable.IsCancellationRequested ? LastPatience : StopPatience);
            try
            {
                await query.StopAsync(patience.Token);
                if (!(await query.StatusAsync(patience.Token)).IsActive)
                {
                    return;
                }
            }
            catch (Exception error) when (error is SparkConnectionException or OperationCanceledException)
            {
                // The server does not answer; it may go on.
            }
            catch (Exception error) when (error is SparkException or ObjectDisposedException)
            {
                // Its session is over, and the server ends what is left of it in its own time.
                break;
            }
        }
        while (!Reachable.IsCancellationRequested);
        LeftRunning();
    }

    /// <summary>What the topic holds; null when no broker answers.</summary>
    private async Task<IReadOnlyList<PartitionBounds>?> EndsAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await log.AskBoundsAsync(cancellationToken);
        }
        catch (EventLogUnavailableException)
        {
            return null;
        }
    }

    private bool IsStored(IReadOnlyList<PartitionBounds>? ends)
    {
        var next = Next().Rows;
        return ends is not null && ends.All(one => next.GetValueOrDefault(one.Partition) >= one.End);
    }

    private static async Task UntilEndAsync(StreamingQuery query, CancellationToken cancellationToken)
    {
        while (!await query.AwaitTerminationAsync(AwaitStep, cancellationToken))
        {
        }
    }

    private NextOffsets Next() => StreamingPositions.NextOf(log.Stream.Name, log.LogId, start.Checkpoint, table, deadLetters);

    /// <summary>Takes note of what the query has done.</summary>
    /// <returns>Whether it has stored something.</returns>
    private async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        var progress = await rows!.LastProgressAsync(cancellationToken);
        var isNew = progress is not null && progress.BatchId != latestBatch;
        if (!(await rows.StatusAsync(cancellationToken)).IsActive)
        {
            throw await rows.ExceptionAsync(cancellationToken) ?? new SparkException($"The query that stores stream '{log.Stream.Name}' was stopped by somebody else; it starts again");
        }

        if (isNew)
        {
            latestBatch = progress!.BatchId;
            NoteRows(progress);
        }

        return isNew;
    }

    private void NoteRows(StreamingQueryProgress? progress)
    {
        var before = table;
        table = start.Tables.Table.Snapshot();
        if (table.Version == before.Version)
        {
            return;
        }

        var stored = Math.Max(0, (table.RowCount - before.RowCount) ?? progress?.NumInputRows ?? 0);
        events.Committed(table.Name, table.Version, stored, Math.Max(0, table.SizeBytes - before.SizeBytes), progress?.BatchDuration ?? TimeSpan.Zero);
        MarkStored();
        if (progress is not null)
        {
            Noted(new TableWriterFigures(table.CommittedAt, progress.NumInputRows, progress.BatchDuration)
            {
                InputRowsPerSecond = Finite(progress.InputRowsPerSecond),
                ProcessedRowsPerSecond = Finite(progress.ProcessedRowsPerSecond),
                Watermark = progress.Watermark,
                RunId = rows?.RunId,
            });
        }

        static double? Finite(double rate) => double.IsFinite(rate) ? rate : null;
    }

    private void MarkStored()
    {
        foreach (var (partition, offset) in Next().Rows.Where(one => one.Value > 0))
        {
            log.MarkStored(new EventPosition(partition, offset - 1));
        }
    }

    private async Task ConfirmAsync(CancellationToken cancellationToken)
    {
        try
        {
            await log.ConfirmAsync(cancellationToken);
        }
        catch (EventLogUnavailableException)
        {
            // The brokers' own state shows that they do not answer.
        }
    }

    private async Task DeadLettersNowAndThenAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(options.DeadLetterInterval, time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            await StoreDeadLettersAsync(cancellationToken);
        }
    }

    private async Task StoreDeadLettersAsync(CancellationToken cancellationToken)
    {
        deadLetters = start.Tables.DeadLetters.Snapshot();
        var next = Next();
        if (next.Rows.All(one => next.DeadLetters.GetValueOrDefault(one.Key) >= one.Value))
        {
            return;
        }

        var before = CountDeadLetters();
        letters = await queries.StartDeadLettersAsync(session, start, Partitions, Reachable);
        await UntilEndAsync(letters, cancellationToken);
        letters = null;
        deadLetters = start.Tables.DeadLetters.Snapshot();
        if (CountDeadLetters() - before is > 0 and var count)
        {
            events.DeadLettered(log.Stream.Name, (int)count);
        }
    }

    private long CountDeadLetters() => DeadLetterFiles.CountOf(deadLetters, log.Stream.Name);
}
