using LogPipeline.Core.EventLog;

namespace LogPipeline.Core.Ingest;

/// <summary>Appends the batches of one input and counts what becomes of them.</summary>
internal sealed class BatchAppender(IEventLog log, IngestEvents events, IngestCounters counters, TimeProvider time)
{
    private const int MostErrors = 10;
    private readonly List<IngestError> errors = [];
    private long accepted;
    private long rejected;
    private long duplicate;

    /// <summary>Why the last batch was not taken; null when it was.</summary>
    public string? Problem { get; private set; }

    /// <summary>When to try again, if the log is full.</summary>
    public TimeSpan? RetryAfter { get; private set; }

    /// <summary>What became of the batches so far.</summary>
    public IngestReport Report => new(accepted, rejected, duplicate, errors) { Problem = Problem, RetryAfter = RetryAfter };

    /// <summary>Appends a batch and disposes it; waits while the log is full, at most as long as it is told.</summary>
    /// <returns>Whether it is durable or known.</returns>
    public async Task<bool> AppendAsync(ParsedBatch batch, TimeSpan patience, CancellationToken cancellationToken)
    {
        using (batch)
        {
            var started = time.GetTimestamp();
            while (true)
            {
                switch (await log.AppendAsync(batch, cancellationToken))
                {
                    case AppendOutcome.Appended:
                        Count(batch);
                        return true;
                    case AppendOutcome.Duplicate known:
                        duplicate += known.Count;
                        events.Taken(log.Stream.Name, 0, 0, known.Count);
                        counters.Add(log, 0, 0, known.Count);
                        return true;
                    case AppendOutcome.Full full when time.GetElapsedTime(started) + full.RetryAfter <= patience:
                        await Task.Delay(full.RetryAfter, time, cancellationToken);
                        break;
                    case AppendOutcome.Full full:
                        Problem = full.Reason ?? "The event log is full of events that are not stored yet";
                        RetryAfter = full.RetryAfter;
                        events.Refused(log.Stream.Name, Problem);
                        return false;
                    case AppendOutcome.Unavailable unavailable:
                        Problem = unavailable.Reason;
                        events.Refused(log.Stream.Name, Problem);
                        return false;
                }
            }
        }
    }

    private void Count(ParsedBatch batch)
    {
        accepted += batch.Events.Length;
        rejected += batch.Rejected.Count;
        foreach (var one in batch.Rejected.Take(MostErrors - errors.Count))
        {
            errors.Add(new IngestError(one.Place, one.Field, one.Reason));
        }

        events.Taken(log.Stream.Name, batch.Events.Length, batch.Rejected.Count, 0);
        counters.Add(log, batch.Events.Length, batch.Rejected.Count, 0);
    }
}
