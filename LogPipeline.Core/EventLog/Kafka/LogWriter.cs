using LogPipeline.Core.Ingest;

namespace LogPipeline.Core.EventLog.Kafka;

/// <summary>Makes batches durable in one topic.</summary>
/// <remarks>
/// One thread writes: it takes every batch that waits, writes them with their origins in one transaction, and commits it; only then are
/// their senders answered. So batches that arrive together share a transaction, a batch is there once or not at all, and a repeat is
/// recognised by the next process, too: an origin is durable exactly when its batch is.
/// </remarks>
internal sealed class LogWriter : IAsyncDisposable
{
    private const int GroupBytes = 16 << 20;
    private const int MaxAttempts = 3;
    private static readonly TimeSpan RefuseAfter = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CloseTime = TimeSpan.FromSeconds(3);

    private readonly LogWriterSetup setup;
    private readonly TimeProvider time;
    private readonly AppendQueue queue;
    private readonly BatchTransactions transactions;
    private readonly CancellationTokenSource closing = new();
    private readonly CommitTimes commitTimes = new();
    private readonly TaskCompletionSource opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task running;
    private readonly Lock gate = new();
    private (string Reason, long Since)? problem;
    private long commits;
    private long closingSince;
    private int disposed;

    public LogWriter(LogWriterSetup setup)
    {
        this.setup = setup;
        time = setup.Time;
        queue = new AppendQueue(setup.Options.MaxWaitingBytes);
        transactions = new BatchTransactions(setup, SetProblem, () => MustEnd, pause => closing.Token.WaitHandle.WaitOne(pause));
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

    private bool MustEnd => closing.IsCancellationRequested && time.GetElapsedTime(closingSince) > CloseTime;

    /// <summary>Makes a batch durable.</summary>
    public async ValueTask<AppendOutcome> AppendAsync(ParsedBatch batch, CancellationToken cancellationToken)
    {
        if (Refusal() is { } refusal)
        {
            return refusal;
        }

        var pending = new PendingBatch(EncodedBatch.Of(batch, setup.MaxValueBytes), batch.Origin);
        if (!queue.TryEnqueue(pending))
        {
            pending.Dispose();
            setup.Events.Full(setup.Stream);
            return new AppendOutcome.Full(RetryAfter, FormattableString.Invariant($"{setup.Options.MaxWaitingBytes:N0} bytes wait for Kafka already (LogPipeline:Kafka:MaxWaitingBytes)"));
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

    /// <summary>Writes what waits, for a few seconds at most, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 1)
        {
            return;
        }

        closingSince = time.GetTimestamp();
        await closing.CancelAsync();
        queue.Wake();
        await running;
        transactions.Dispose();
        queue.Dispose();
        closing.Dispose();
    }

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
            if (problem is not { } now || queue.IsIdle || time.GetElapsedTime(now.Since) < RefuseAfter)
            {
                return null;
            }

            setup.Events.Full(setup.Stream);
            return new AppendOutcome.Full(RetryAfter, $"Kafka does not take events now: {now.Reason}");
        }
    }

    private void Run()
    {
        var group = new List<PendingBatch>();
        var repeats = new List<PendingBatch>();
        if (transactions.Open())
        {
            ClearProblem();
            opened.TrySetResult();
        }

        do
        {
            queue.Wait();
            while (queue.HasMore)
            {
                WriteGroup(group, repeats);
                group.Clear();
                repeats.Clear();
            }
        }
        while (!closing.IsCancellationRequested);

        transactions.Discard();
    }

    private void WriteGroup(List<PendingBatch> group, List<PendingBatch> repeats)
    {
        try
        {
            Collect(group, repeats);
            Write(group);
            repeats.ForEach(AnswerRepeat);
        }
        catch (Exception error)
        {
            // A defect must not leave senders without an answer, nor end the writer.
            SetProblem(error.Message);
            setup.Events.WriterFailed(setup.Stream, error);
            foreach (var pending in group.Concat(repeats).Where(pending => !pending.Outcome.IsCompleted))
            {
                queue.Answer(pending, new AppendOutcome.Unavailable(error.Message));
            }

            transactions.Discard();
        }
    }

    private void Collect(List<PendingBatch> group, List<PendingBatch> repeats)
    {
        var origins = new GroupOrigins();
        long bytes = 0;
        while (bytes < GroupBytes && queue.TryDequeue() is { } pending)
        {
            if (!pending.TryTake())
            {
                queue.Answer(pending, new AppendOutcome.Unavailable("The sender gave up"));
            }
            else if (setup.Origins.Knows(pending.Origin, NowMicros()))
            {
                AnswerRepeat(pending);
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
            switch (transactions.Write(group, NowMicros()))
            {
                case TransactionEnd.Committed:
                    Committed(group, started);
                    return;
                case TransactionEnd.Aborted(var reason):
                    SetProblem(reason);
                    Settle(group, pending => attempt < MaxAttempts, $"Kafka refused the events: {reason}");
                    break;
                case TransactionEnd.Unknown(var reason):
                    SetProblem(reason);

                    // With an origin it can be found out whether a batch is there; without one nobody can tell.
                    Settle(group, pending => attempt < MaxAttempts && pending.Origin is not null, $"Whether the events are durable is not known: {reason}");
                    break;
            }

            if (group.Count > 0 && transactions.Open())
            {
                AnswerFound(group);
            }
        }
    }

    /// <summary>Answers those that are not tried again.</summary>
    private void Settle(List<PendingBatch> group, Func<PendingBatch, bool> tryAgain, string reason) => group.RemoveAll(pending =>
    {
        if (!MustEnd && !pending.IsLeft && tryAgain(pending))
        {
            return false;
        }

        queue.Answer(pending, new AppendOutcome.Unavailable(reason));
        return true;
    });

    /// <summary>Answers those that turn out to be there.</summary>
    private void AnswerFound(List<PendingBatch> group) => group.RemoveAll(pending =>
    {
        if (!setup.Origins.Knows(pending.Origin, NowMicros()))
        {
            return false;
        }

        queue.Answer(pending, new AppendOutcome.Appended(pending.Count));
        return true;
    });

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
            queue.Answer(pending, new AppendOutcome.Appended(pending.Count));
        }
    }

    private void AnswerRepeat(PendingBatch pending)
    {
        if (setup.Origins.Knows(pending.Origin, NowMicros()))
        {
            setup.Events.Duplicate(setup.Stream, pending.Count);
            queue.Answer(pending, new AppendOutcome.Duplicate(pending.Count));
        }
        else
        {
            queue.Answer(pending, new AppendOutcome.Unavailable("An equal request was not made durable; send it again"));
        }
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

    private long NowMicros() => (time.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;
}
