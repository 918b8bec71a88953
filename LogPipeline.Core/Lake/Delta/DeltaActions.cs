namespace LogPipeline.Core.Lake.Delta;

/// <summary>One action of a commit: a line of <c>_delta_log/N.json</c> or a row of a checkpoint.</summary>
/// <remarks>Source: Delta transaction log protocol, section Actions.</remarks>
internal abstract record DeltaAction;

/// <summary>A data file joins the table.</summary>
/// <param name="Path">As in the log: URI-encoded, relative to the table's folder or absolute.</param>
/// <param name="PartitionValues">Text of each partition column; null for null.</param>
/// <param name="Size">Bytes.</param>
/// <param name="ModificationTime">Milliseconds since 1970.</param>
/// <param name="DataChange">False when the rows were in the table before, as after compaction.</param>
/// <param name="Stats">JSON, or null.</param>
internal sealed record AddFile(
    string Path,
    IReadOnlyDictionary<string, string?> PartitionValues,
    long Size,
    long ModificationTime,
    bool DataChange,
    string? Stats) : DeltaAction
{
    public IReadOnlyDictionary<string, string?>? Tags { get; init; }

    public DeletionVector? DeletionVector { get; init; }
}

/// <summary>A data file leaves the table; kept as a tombstone until the file itself may go.</summary>
internal sealed record RemoveFile(string Path, long? DeletionTimestamp, bool DataChange) : DeltaAction
{
    public bool ExtendedFileMetadata { get; init; }

    public IReadOnlyDictionary<string, string?>? PartitionValues { get; init; }

    public long? Size { get; init; }

    public DeletionVector? DeletionVector { get; init; }
}

/// <summary>Which rows of a file are deleted.</summary>
internal sealed record DeletionVector(string StorageType, string PathOrInlineDv, int? Offset, int SizeInBytes, long Cardinality)
{
    /// <summary>Part of a file's key during replay.</summary>
    public string UniqueId => Offset is { } offset
        ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{StorageType}{PathOrInlineDv}@{offset}")
        : StorageType + PathOrInlineDv;
}

/// <summary>How far an application has written; committed together with what it wrote.</summary>
internal sealed record TxnAction(string AppId, long Version, long? LastUpdated) : DeltaAction;

/// <summary>What a reader and a writer must understand.</summary>
internal sealed record ProtocolAction(int MinReaderVersion, int MinWriterVersion) : DeltaAction
{
    public IReadOnlyList<string>? ReaderFeatures { get; init; }

    public IReadOnlyList<string>? WriterFeatures { get; init; }
}

/// <summary>The table's schema and properties.</summary>
internal sealed record MetadataAction(string Id, string SchemaString, IReadOnlyList<string> PartitionColumns) : DeltaAction
{
    public string? Name { get; init; }

    public string? Description { get; init; }

    public string Provider { get; init; } = "parquet";

    public IReadOnlyDictionary<string, string?> FormatOptions { get; init; } = new Dictionary<string, string?>();

    public IReadOnlyDictionary<string, string?> Configuration { get; init; } = new Dictionary<string, string?>();

    public long? CreatedTime { get; init; }
}

/// <summary>Who committed what, for people.</summary>
internal sealed record CommitInfoAction(long Timestamp, string Operation) : DeltaAction
{
    /// <summary>Values are strings; lists and maps are JSON within them, such as <c>["date"]</c>.</summary>
    public IReadOnlyDictionary<string, string?> OperationParameters { get; init; } = new Dictionary<string, string?>();

    public IReadOnlyDictionary<string, string?> OperationMetrics { get; init; } = new Dictionary<string, string?>();

    public long? ReadVersion { get; init; }

    public string? IsolationLevel { get; init; }

    public bool? IsBlindAppend { get; init; }

    public string? EngineInfo { get; init; }

    public string? TxnId { get; init; }

    public long? InCommitTimestamp { get; init; }
}

/// <summary>V2 checkpoints: a further file of actions in <c>_delta_log/_sidecars</c>.</summary>
internal sealed record SidecarAction(string Path) : DeltaAction;
