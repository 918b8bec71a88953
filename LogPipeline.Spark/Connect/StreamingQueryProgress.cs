using System.Globalization;
using System.Text.Json;

namespace LogPipeline.Spark.Connect;

/// <summary>Figures of one batch of a streaming query.</summary>
public sealed record StreamingQueryProgress
{
    private StreamingQueryProgress()
    {
    }

    /// <summary>All that Spark says, as it says it: also state operators and the sources' own metrics.</summary>
    public required string Json { get; init; }

    /// <summary>Id of the query.</summary>
    public required string Id { get; init; }

    /// <summary>Id of the query's run.</summary>
    public required string RunId { get; init; }

    /// <summary>Name of the query, if it has one.</summary>
    public string? Name { get; init; }

    /// <summary>Number of the batch: the same that Delta's <c>txn</c> action keeps.</summary>
    public long BatchId { get; init; }

    /// <summary>When the batch began.</summary>
    public DateTimeOffset Timestamp { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan BatchDuration { get; init; }

    /// <summary>Rows read.</summary>
    public long NumInputRows { get; init; }

    /// <summary>Rows a second that arrived since the batch before.</summary>
    public double InputRowsPerSecond { get; init; }

    /// <summary>Rows a second of the batch itself.</summary>
    public double ProcessedRowsPerSecond { get; init; }

    /// <summary>How long each part took: triggerExecution, getBatch, queryPlanning, addBatch, walCommit, commitOffsets…</summary>
    public required IReadOnlyDictionary<string, TimeSpan> Durations { get; init; }

    /// <summary>The watermark, if the query has one.</summary>
    public DateTimeOffset? Watermark { get; init; }

    /// <summary>The sources.</summary>
    public required IReadOnlyList<StreamingSourceProgress> Sources { get; init; }

    /// <summary>The sink in words.</summary>
    public string? Sink { get; init; }

    /// <summary>Rows written, or -1 when the sink does not count.</summary>
    public long NumOutputRows { get; init; } = -1;

    /// <summary>Reads Spark's JSON. Through Connect it has the figures of the sources only, and not their sums; offsets are texts that hold JSON.</summary>
    internal static StreamingQueryProgress Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        var sink = Property(root, "sink");
        var sources = Property(root, "sources")?.EnumerateArray().ToList() ?? [];
        return new StreamingQueryProgress
        {
            Json = json,
            Id = Text(root, "id") ?? "",
            RunId = Text(root, "runId") ?? "",
            Name = Text(root, "name"),
            BatchId = Number(root, "batchId"),
            Timestamp = Time(root, "timestamp") ?? default,
            BatchDuration = TimeSpan.FromMilliseconds(Number(root, "batchDuration")),
            NumInputRows = sources.Sum(source => Number(source, "numInputRows")),
            InputRowsPerSecond = sources.Sum(source => Rate(source, "inputRowsPerSecond")),
            ProcessedRowsPerSecond = sources.Sum(source => Rate(source, "processedRowsPerSecond")),
            Durations = Property(root, "durationMs") is { } durations
                ? durations.EnumerateObject().ToDictionary(part => part.Name, part => TimeSpan.FromMilliseconds(part.Value.GetInt64()), StringComparer.Ordinal)
                : [],
            Watermark = Property(root, "eventTime") is { } eventTime ? Time(eventTime, "watermark") : null,
            Sources = [.. sources.Select(Source)],
            Sink = sink is { } described ? Text(described, "description") : null,
            NumOutputRows = sink is { } counted && Property(counted, "numOutputRows") is { } rows ? rows.GetInt64() : -1,
        };
    }

    private static StreamingSourceProgress Source(JsonElement source) => new(
        Text(source, "description") ?? "",
        Offset(source, "startOffset"),
        Offset(source, "endOffset"),
        Offset(source, "latestOffset"),
        Number(source, "numInputRows"));

    private static JsonElement? Property(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static string? Offset(JsonElement source, string name) =>
        Property(source, name) is { } offset ? offset.ValueKind == JsonValueKind.String ? offset.GetString() : offset.GetRawText() : null;

    private static string? Text(JsonElement element, string name) => Property(element, name)?.GetString();

    private static long Number(JsonElement element, string name) => Property(element, name)?.GetInt64() ?? 0;

    // Spark writes NaN and Infinity as text.
    private static double Rate(JsonElement element, string name) =>
        Property(element, name) is { ValueKind: JsonValueKind.Number } value ? value.GetDouble() : 0;

    private static DateTimeOffset? Time(JsonElement element, string name) =>
        DateTimeOffset.TryParse(Text(element, name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}

/// <summary>Figures of one source in one batch. Offsets are JSON in the source's own form.</summary>
/// <param name="Description">The source in words.</param>
/// <param name="StartOffset">Where the batch began; null in the first.</param>
/// <param name="EndOffset">Where it ended.</param>
/// <param name="LatestOffset">What the source had.</param>
/// <param name="NumInputRows">Rows read from it.</param>
public sealed record StreamingSourceProgress(string Description, string? StartOffset, string? EndOffset, string? LatestOffset, long NumInputRows);
