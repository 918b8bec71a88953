namespace LogPipeline.Core.Lake.Writing;

/// <summary>Where the batches of a session go: rejected records to <c>dead_letters</c>, then rows with the position after them to the stream's table.</summary>
internal interface IBatchStore
{
    /// <summary>What the stream's table holds; moved by <see cref="StoreAsync"/>.</summary>
    StreamPositions Positions { get; }

    /// <summary>Figures of the latest batch; null before the first. May be read from any thread.</summary>
    TableWriterFigures? Figures { get; }

    /// <summary>Tells the event log what the table holds.</summary>
    void MarkStored();

    /// <summary>Stores a batch, one at a time. The batch stays its owner's.</summary>
    /// <returns>Null when it is stored; else why the session must end.</returns>
    Task<SessionEnd?> StoreAsync(PendingCommit batch, CancellationToken cancellationToken);
}
