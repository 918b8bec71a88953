namespace LogPipeline.Core.Ingest;

/// <summary>What to take in.</summary>
/// <param name="Stream">Stream that the events belong to.</param>
public sealed record IngestRequest(string Stream)
{
    /// <summary>Format of the records: <c>json</c>, <c>common</c>, <c>combined</c>, an nginx <c>log_format</c>; null to find out.</summary>
    public string? Format { get; init; }

    /// <summary>Whether the records are one a line. Otherwise JSON may span lines, as one pretty-printed event does.</summary>
    public bool OneALine { get; init; }

    /// <summary>Whether the body is compressed with gzip.</summary>
    public bool IsGzip { get; init; }

    /// <summary>Makes a repeat of the request add nothing; null for none.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>Source of events that name none.</summary>
    public string? Source { get; init; }
}

/// <summary>What became of the records of one request or file.</summary>
/// <param name="Accepted">Records made durable as events.</param>
/// <param name="Rejected">Records made durable as dead letters.</param>
/// <param name="Duplicate">Records recognised as sent before.</param>
/// <param name="Errors">The first rejected records, at most ten.</param>
public sealed record IngestReport(long Accepted, long Rejected, long Duplicate, IReadOnlyList<IngestError> Errors)
{
    /// <summary>Set when the event log is full: send what was not taken again after this time. With an idempotency key the whole request may be sent again.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Why the rest was not taken, for a person; null when everything was.</summary>
    public string? Problem { get; init; }

    /// <summary>Whether every record was dealt with.</summary>
    public bool IsComplete => Problem is null;
}

/// <summary>One record that was rejected.</summary>
/// <param name="Index">Line or element, 0-based.</param>
/// <param name="Field">Field at fault, or null for the whole record.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record IngestError(long Index, string? Field, string Reason);
