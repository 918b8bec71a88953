namespace LogPipeline.Core.Lake.Delta;

/// <summary>What became of a commit.</summary>
internal abstract record CommitOutcome
{
    private CommitOutcome()
    {
    }

    /// <summary>Durable at this version.</summary>
    public sealed record Committed(long Version) : CommitOutcome;

    /// <summary>The table holds these rows already: the position of our appId is at or beyond ours.</summary>
    public sealed record AlreadyCommitted(long Version) : CommitOutcome;

    /// <summary>Somebody moved what this commit was based on: drop it and read again.</summary>
    public sealed record Conflict(string Reason) : CommitOutcome;

    /// <summary>The volume failed; the log must be read to know whether the commit is there.</summary>
    public sealed record Unavailable(string Reason) : CommitOutcome;
}

/// <summary>Moves the position of an application.</summary>
/// <param name="AppId">The application.</param>
/// <param name="Base">Position that the rows were read after; null for none.</param>
/// <param name="Version">Position after the commit; null when the commit only depends on it.</param>
internal sealed record TxnMove(string AppId, long? Base, long? Version)
{
    /// <summary>Notes go up and down and say nothing about whether the rows are in.</summary>
    public bool IsNote { get; init; }
}

/// <summary>What to commit.</summary>
internal sealed record CommitRequest(string Operation)
{
    public IReadOnlyList<AddFile> Adds { get; init; } = [];

    public IReadOnlyList<RemoveFile> Removes { get; init; } = [];

    public IReadOnlyList<TxnMove> Txns { get; init; } = [];

    /// <summary>New schema or properties.</summary>
    public MetadataAction? Metadata { get; init; }

    /// <summary>Metadata that the files were written for; a table that has another schema by now conflicts.</summary>
    public MetadataAction? BasedOn { get; init; }

    public bool IsBlindAppend { get; init; }

    public IReadOnlyDictionary<string, string?> Parameters { get; init; } = new Dictionary<string, string?>();

    public IReadOnlyDictionary<string, string?> Metrics { get; init; } = new Dictionary<string, string?>();
}
