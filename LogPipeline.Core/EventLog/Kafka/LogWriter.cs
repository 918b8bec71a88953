using LogPipeline.Core.EventLog.Kafka.Native;
using LogPipeline.Core.Ingest;

namespace LogPipeline.Core.EventLog.Kafka;

/// <summary>Makes batches durable in one topic.</summary>
/// <remarks>
/// One thread writes: it takes every batch that waits, produces their messages and their origins in one transaction, and commits it;
/// only then are their senders answered. So batches that arrive together share a transaction, a batch is there once or not at all,
/// and a repeat is seen as one even when it is handled by the next process: the origin is durable exactly when the batch is.
/// </remarks>
internal sealed class LogWriter : IAsyncDisposable
{
    private const int GroupBytes = 16 << 20;
    private const int MaxAttempts = 3;
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan RefuseAfter = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CloseTime = TimeSpan.FromSeconds(3);

    private readonly LogWriterSetup setup;
    private readonly TimeProvider time;
    private readonly Queue<PendingBatch> waiting = new();
    private readonly Lock gate = new();
    private readonly SemaphoreSlim work = new(0);
    private readonly CancellationTokenSource closing = new();
    private readonly CommitTimes commitTimes = new();
    private readonly TaskCompletionSource opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task running;
    private long commits;
    private TransactionalProducer? producer;
    private long waitingBytes;
    private (string Reason, long Since)? problem;
    private long closingSince;
    private bool originsUnsure;
    private int disposed;

    public LogWriter(LogWriterSetup setup)
    {
        this.setup = setup;
        time = setup.Time;
        running = Task.Factory.StartNew(Run, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Why nothing becomes durable now; null while it does.</summary>
    public string? Problem
    {
        get
        {
            lock (gate)
            {
                return problem?.Reason;
            }
        }
    }

    /// <summary>Completes when the brokers know the writer: what an earlier one of its name left open is ended then.</summary>
    public Task Opened => opened.Task;

    /// <summary>Transactions committed so far.</summary>
    public long Commits => Interlocked.Read(ref commits);

    /// <summary>Median time of a commit in milliseconds.</summary>
    public double CommitMs => commitTimes.Median;

    /// <summary>Makes a batch durable.</summary>
    public async ValueTask<AppendOutcome> AppendAsync(ParsedBatch batch, CancellationToken cancellationToken)
    {
        if (Refusal() is { } refusal)
        {
            return refusal;
        }

        var pending = new PendingBatch(EncodedBatch.Of(batch, setup.MaxValueBytes), batch.Origin);
        if (!TryEnqueue(pending))
        {
            pending.Dispose();
            setup.Events.Full(setup.Stream);
            return new AppendOutcome.Full(RetryAfter, $"{setup.Options.MaxWaitingBytes:N0} bytes wait for Kafka already (LogPipeline:Kafka:MaxWaitingBytes)");
        }

        try
        {
            return await pending.Outcome.WaitAsync(setup.Options.AppendTimeout, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            var reason = Problem ?? "it is slow";
            return new AppendOutcome.Unavailable(pending.TryAbandon()
                ? $"Kafka did not take the events within {setup.Options.AppendTimeout.TotalSeconds:0} s and they were not added: {reason}"
                : $"Kafka did not confirm the events within {setup.Options.AppendTimeout.TotalSeconds:0} s; whether they are durable is not known: {reason}");
        }
        catch (OperationCanceledException)
        {
            _ = pending.TryAbandon();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 1)
        {
            return;
        }

        closingSince = time.GetTimestamp();
        await closing.CancelAsync();
        work.Release();
        await running;
        producer?.Dispose();
        closing.Dispose();
        work.Dispose();
    }

    private bool MustEnd => closing.IsCancellationRequested && time.GetElapsedTime(closingSince) > CloseTime;

    private AppendOutcome? Refusal()
    {
        if (closing.IsCancellationRequested)
        {
            return new AppendOutcome.Unavailable("The event log is closing");
        }

        if (setup.WhyReplaced() is { } replaced)
        {
            return new AppendOutcome.Unavailable(replaced);
        }

        lock (gate)
        {
            // While the brokers are away one batch waits for them, and whoever comes behind it is told at once.
            if (problem is not { } now || waitingBytes == 0 || time.GetElapsedTime(now.Since) < RefuseAfter)
            {
                return null;
            }

            setup.Events.Full(setup.Stream);
            return new AppendOutcome.Full(RetryAfter, $"Kafka does not take events now: {now.Reason}");
        }
    }

    private bool TryEnqueue(PendingBatch pending)
    {
        lock (gate)
        {
            if (closing.IsCancellationRequested || (waitingBytes > 0 && waitingBytes + pending.Bytes > setup.Options.MaxWaitingBytes))
            {
                return false;
            }

            waitingBytes += pending.Bytes;
            waiting.Enqueue(pending);
        }

        work.Release();
        return true;
    }

    private void Run()
    {
        var group = new List<PendingBatch>();
        var repeats = new List<PendingBatch>();
        if (EnsureProducer())
        {
            ClearProblem();
            opened.TrySetResult();
        }

        while (true)
        {
            work.Wait();
            while (work.Wait(0))
            {
                // One signal for everything that waits.
            }

            do
            {
                try
                {
                    Collect(group, repeats);
                    if (group.Count > 0)
                    {
                        Write(group);
                    }

                    repeats.ForEach(Repeat);
                }
                catch (Exception error)
                {
                    // A defect must not leave senders without an answer, nor end the writer.
                    SetProblem(error.Message);
                    setup.Events.WriterFailed(setup.Stream, error);
                    group.ForEach(pending => Answer(pending, new AppendOutcome.Unavailable(error.Message)));
                    repeats.ForEach(pending => Answer(pending, new AppendOutcome.Unavailable(error.Message)));
                    Discard();
                }

                group.Clear();
                repeats.Clear();
            }
            while (HasMore());

            if (closing.IsCancellationRequested)
            {
                Discard();
                return;
            }
        }
    }

    private bool HasMore()
    {
        lock (gate)
        {
            return waiting.Count > 0;
        }
    }

    private void Collect(List<PendingBatch> group, List<PendingBatch> repeats)
    {
        var origins = new GroupOrigins();
        long bytes = 0;
        while (bytes < GroupBytes)
        {
            PendingBatch? pending;
            lock (gate)
            {
                if (!waiting.TryDequeue(out pending))
                {
                    return;
                }
            }

            if (!pending.TryTake())
            {
                Answer(pending, new AppendOutcome.Unavailable("The sender gave up"));
            }
            else if (setup.Origins.Knows(pending.Origin, NowMicros()))
            {
                Repeat(pending);
            }
            else if (origins.Knows(pending.Origin))
            {
                repeats.Add(pending);
            }
            else
            {
                origins.Add(pending.Origin);
                group.Add(pending);
                bytes += pending.Bytes;
            }
        }
    }

    private void Write(List<PendingBatch> group)
    {
        for (var attempt = 1; group.Count > 0; attempt++)
        {
            var started = time.GetTimestamp();
            var end = Attempt(group);
            switch (end)
            {
                case TransactionEnd.Committed:
                    Committed(group, started);
                    return;
                case TransactionEnd.Aborted(var reason):
                    SetProblem(reason);
                    Settle(group, attempt, $"Kafka refused the events: {reason}", keepAll: true);
                    break;
                case TransactionEnd.Unknown(var reason):
                    SetProblem(reason);
                    originsUnsure = true;
                    Discard();
                    Settle(group, attempt, $"Whether the events are durable is not known: {reason}", keepAll: false);
                    break;
            }

            // What is left is tried again, unless it turns out to be there.
            if (group.Count > 0 && !EnsureProducer())
            {
                continue;
            }

            foreach (var known in group.FindAll(pending => setup.Origins.Knows(pending.Origin, NowMicros())))
            {
                group.Remove(known);
                Answer(known, new AppendOutcome.Appended(known.Count));
            }
        }
    }

    /// <summary>Answers those that are not tried again: on unknown ends those without an origin, because nobody could tell whether they are there.</summary>
    private void Settle(List<PendingBatch> group, int attempt, string reason, bool keepAll)
    {
        group.RemoveAll(pending =>
        {
            var again = !MustEnd && attempt < MaxAttempts && !pending.IsLeft && (keepAll || pending.Origin is not null);
            if (!again)
            {
                Answer(pending, new AppendOutcome.Unavailable(reason));
            }

            return !again;
        });
    }

    private TransactionEnd Attempt(List<PendingBatch> group)
    {
        if (!EnsureProducer())
        {
            return new TransactionEnd.Aborted(Problem ?? "The event log is closing");
        }

        var transactions = producer!;
        var failure = transactions.Begin() ?? Produce(transactions, group);
        while (failure is null or { IsRetriable: true, RequiresAbort: false, IsFatal: false })
        {
            failure = transactions.Commit(Slice);
            if (failure is null)
            {
                return new TransactionEnd.Committed();
            }

            if (failure.IsRetriable)
            {
                SetProblem(failure.Reason);
                if (MustEnd)
                {
                    return new TransactionEnd.Unknown(failure.Reason);
                }
            }
        }

        return failure.RequiresAbort ? Abort(transactions, failure) : new TransactionEnd.Unknown(failure.Reason);
    }

    private TransactionEnd Abort(TransactionalProducer transactions, KafkaFailure cause)
    {
        while (!MustEnd)
        {
            var failure = transactions.Abort(Slice);
            if (failure is null)
            {
                return new TransactionEnd.Aborted(cause.Reason);
            }

            if (!failure.IsRetriable)
            {
                break;
            }

            SetProblem(cause.Reason);
        }

        return new TransactionEnd.Unknown(cause.Reason);
    }

    private KafkaFailure? Produce(TransactionalProducer transactions, List<PendingBatch> group)
    {
        var now = NowMicros() / 1000;
        foreach (var pending in group)
        {
            if (transactions.Produce(setup.Topic, pending.Encoded, now) is { } failure)
            {
                return failure with { RequiresAbort = true };
            }

            if (pending.Origin is { } origin)
            {
                var (topic, key, value) = OriginTopics.Write(setup.LogId, origin);
                if (transactions.Produce(topic, key, value, now) is { } wrong)
                {
                    return wrong with { RequiresAbort = true };
                }
            }
        }

        return null;
    }

    /// <summary>Makes the producer, and waits until the brokers know it.</summary>
    /// <returns>False when the log closes first.</returns>
    private bool EnsureProducer()
    {
        while (producer is null)
        {
            var made = new TransactionalProducer(setup.Settings, setup.Log);
            var failure = made.Initialize(Slice);
            while (failure is { IsRetriable: true, IsFatal: false } && !MustEnd)
            {
                SetProblem(failure.Reason);
                failure = made.Initialize(Slice);
            }

            if (failure is null)
            {
                producer = made;
                continue;
            }

            SetProblem(failure.Reason);
            made.Dispose();
            if (MustEnd || closing.Token.WaitHandle.WaitOne(RetryAfter))
            {
                return false;
            }
        }

        if (originsUnsure)
        {
            setup.CatchUp();
            originsUnsure = false;
        }

        return true;
    }

    private void Committed(List<PendingBatch> group, long started)
    {
        ClearProblem();
        Interlocked.Increment(ref commits);
        var elapsed = time.GetElapsedTime(started);
        commitTimes.Add(elapsed);
        setup.Events.Committed(setup.Stream, elapsed.TotalMilliseconds);
        var now = NowMicros();
        foreach (var pending in group)
        {
            setup.Origins.Add(pending.Origin, now);
            setup.Events.Appended(setup.Stream, pending.Count);
            Answer(pending, new AppendOutcome.Appended(pending.Count));
        }
    }

    private void Repeat(PendingBatch pending)
    {
        if (setup.Origins.Knows(pending.Origin, NowMicros()))
        {
            setup.Events.Duplicate(setup.Stream, pending.Count);
            Answer(pending, new AppendOutcome.Duplicate(pending.Count));
        }
        else
        {
            Answer(pending, new AppendOutcome.Unavailable("An equal request was not made durable; send it again"));
        }
    }

    private void Answer(PendingBatch pending, AppendOutcome outcome)
    {
        lock (gate)
        {
            waitingBytes -= pending.Bytes;
        }

        pending.Complete(outcome);
    }

    private void SetProblem(string reason)
    {
        lock (gate)
        {
            problem = (reason, problem?.Since ?? time.GetTimestamp());
        }
    }

    private void ClearProblem()
    {
        lock (gate)
        {
            problem = null;
        }
    }

    private void Discard()
    {
        producer?.Dispose();
        producer = null;
    }

    private long NowMicros() => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>What became of a transaction.</summary>
    private abstract record TransactionEnd
    {
        public sealed record Committed : TransactionEnd;

        public sealed record Aborted(string Reason) : TransactionEnd;

        public sealed record Unknown(string Reason) : TransactionEnd;
    }
}

/// <summary>What a <see cref="LogWriter"/> works with.</summary>
internal sealed record LogWriterSetup
{
    public required string Stream { get; init; }

    public required string Topic { get; init; }

    public required string LogId { get; init; }

    public required KafkaOptions Options { get; init; }

    /// <summary>Settings of the producer.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>Longest value that topic and producer take.</summary>
    public required int MaxValueBytes { get; init; }

    public required OriginIndex Origins { get; init; }

    /// <summary>Waits until <see cref="Origins"/> knows everything that was committed before.</summary>
    public required Action CatchUp { get; init; }

    /// <summary>Why nothing may be written any more; null while it may.</summary>
    public required Func<string?> WhyReplaced { get; init; }

    public required EventLogEvents Events { get; init; }

    public required NativeLog Log { get; init; }

    public required TimeProvider Time { get; init; }
}
