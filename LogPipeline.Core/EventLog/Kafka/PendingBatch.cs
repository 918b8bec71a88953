using LogPipeline.Core.Ingest;

namespace LogPipeline.Core.EventLog.Kafka;

/// <summary>A batch on its way into Kafka: encoded, waiting for its transaction.</summary>
/// <remarks>Its sender may give up while it waits, but not once a transaction has it: then only Kafka knows what becomes of it.</remarks>
internal sealed class PendingBatch(EncodedBatch encoded, BatchOrigin? origin) : IDisposable
{
    private const int Waiting = 0;
    private const int Taken = 1;
    private const int Abandoned = 2;
    private readonly TaskCompletionSource<AppendOutcome> outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int state;

    public EncodedBatch Encoded { get; } = encoded;

    public BatchOrigin? Origin { get; } = origin;

    /// <summary>Records in it.</summary>
    public int Count { get; } = encoded.Messages.Length;

    /// <summary>Bytes of its values and keys.</summary>
    public int Bytes { get; } = encoded.Bytes.Length;

    /// <summary>Whether its sender waits no more: it is not tried again.</summary>
    public bool IsLeft { get; private set; }

    public Task<AppendOutcome> Outcome => outcome.Task;

    /// <summary>For the writer: puts it into a transaction, unless its sender gave up.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref state, Taken, Waiting) != Abandoned;

    /// <summary>For the sender: gives up.</summary>
    /// <returns>False when a transaction has it already.</returns>
    public bool TryAbandon()
    {
        IsLeft = true;
        return Interlocked.CompareExchange(ref state, Abandoned, Waiting) == Waiting;
    }

    public void Complete(AppendOutcome result)
    {
        Dispose();
        outcome.TrySetResult(result);
    }

    public void Dispose() => Encoded.Dispose();
}
