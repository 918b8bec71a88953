using LogPipeline.Core.EventLog.Kafka.Native;

namespace LogPipeline.Core.EventLog.Kafka;

/// <summary>What became of a transaction.</summary>
internal abstract record TransactionEnd
{
    private TransactionEnd()
    {
    }

    /// <summary>Everything in it is durable.</summary>
    public sealed record Committed : TransactionEnd;

    /// <summary>Nothing in it is there.</summary>
    public sealed record Aborted(string Reason) : TransactionEnd;

    /// <summary>All or nothing is there, and the producer cannot tell which.</summary>
    public sealed record Unknown(string Reason) : TransactionEnd;
}

/// <summary>Writes groups of batches with their origins, each in one transaction. Used by one thread.</summary>
/// <param name="setup">What it works with.</param>
/// <param name="failed">Takes why it waits or fails.</param>
/// <param name="mustEnd">Whether it may wait no longer.</param>
/// <param name="pause">Waits before another try; true when it may wait no longer.</param>
internal sealed class BatchTransactions(LogWriterSetup setup, Action<string> failed, Func<bool> mustEnd, Func<TimeSpan, bool> pause) : IDisposable
{
    // A call blocks at most this long, so that the writer sees in time that it must end.
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);
    private TransactionalProducer? producer;
    private bool originsUnsure;

    /// <summary>Registers with the brokers, which ends what an earlier process of the same name left open; then catches up with its origins if need be.</summary>
    /// <returns>False when it must end first.</returns>
    public bool Open()
    {
        while (producer is null)
        {
            var made = new TransactionalProducer(setup.Settings, setup.Log);
            var failure = made.Initialize(Slice);
            while (failure is { IsRetriable: true, IsFatal: false } && !mustEnd())
            {
                failed(failure.Reason);
                failure = made.Initialize(Slice);
            }

            if (failure is null)
            {
                producer = made;
                continue;
            }

            failed(failure.Reason);
            made.Dispose();
            if (mustEnd() || pause(BetweenTries))
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

    /// <summary>Writes a group.</summary>
    public TransactionEnd Write(IReadOnlyList<PendingBatch> group, long nowMicros)
    {
        if (!Open())
        {
            return new TransactionEnd.Aborted("The event log is closing");
        }

        var end = Attempt(producer!, group, nowMicros / 1000);
        if (end is TransactionEnd.Unknown)
        {
            originsUnsure = true;
            Discard();
        }

        return end;
    }

    /// <summary>Gives the producer up; the next write makes another one.</summary>
    public void Discard()
    {
        producer?.Dispose();
        producer = null;
    }

    /// <inheritdoc/>
    public void Dispose() => producer?.Dispose();

    private TransactionEnd Attempt(TransactionalProducer transactions, IReadOnlyList<PendingBatch> group, long milliseconds)
    {
        var failure = transactions.Begin() ?? Produce(transactions, group, milliseconds);
        while (failure is null or { IsRetriable: true, RequiresAbort: false, IsFatal: false })
        {
            failure = transactions.Commit(Slice);
            if (failure is null)
            {
                return new TransactionEnd.Committed();
            }

            if (failure.IsRetriable)
            {
                failed(failure.Reason);
                if (mustEnd())
                {
                    return new TransactionEnd.Unknown(failure.Reason);
                }
            }
        }

        return failure is { RequiresAbort: true, IsFatal: false } ? Abort(transactions, failure) : new TransactionEnd.Unknown(failure.Reason);
    }

    private TransactionEnd Abort(TransactionalProducer transactions, KafkaFailure cause)
    {
        while (!mustEnd())
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

            failed(cause.Reason);
        }

        return new TransactionEnd.Unknown(cause.Reason);
    }

    private KafkaFailure? Produce(TransactionalProducer transactions, IReadOnlyList<PendingBatch> group, long milliseconds)
    {
        foreach (var pending in group)
        {
            if (transactions.Produce(setup.Topic, pending.Encoded, milliseconds) is { } failure)
            {
                return failure with { RequiresAbort = true };
            }

            if (pending.Origin is { } origin)
            {
                var (topic, key, value) = OriginTopics.Write(setup.LogId, origin);
                if (transactions.Produce(topic, key, value, milliseconds) is { } wrong)
                {
                    return wrong with { RequiresAbort = true };
                }
            }
        }

        return null;
    }
}
