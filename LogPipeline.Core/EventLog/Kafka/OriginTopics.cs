using System.Globalization;
using System.Text;
using System.Text.Json;
using LogPipeline.Core.Ingest;

namespace LogPipeline.Core.EventLog.Kafka;

/// <summary>How origins are kept in Kafka: a record in one of two topics, written in the transaction of the batch itself.</summary>
/// <remarks>
/// <c>logpipeline-keys</c>: key <c>logId/chunk/idempotency key</c>, kept for a day. <c>logpipeline-files</c>: key <c>logId/fingerprint</c>,
/// value <c>{"start":0,"end":1204,"lines":7}</c>, compacted, so that how far a file was taken in is never forgotten.
/// </remarks>
internal static class OriginTopics
{
    /// <summary>Topic of idempotency keys.</summary>
    public const string Keys = "logpipeline-keys";

    /// <summary>Topic of files.</summary>
    public const string Files = "logpipeline-files";

    /// <summary>Both.</summary>
    public static IReadOnlyList<string> All { get; } = [Keys, Files];

    /// <summary>What a topic of origins is made with.</summary>
    public static IReadOnlyDictionary<string, string> SettingsOf(string topic) => topic == Keys
        ? new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["cleanup.policy"] = "delete",
            ["retention.ms"] = ((long)(OriginIndex.MaxAge + TimeSpan.FromHours(1)).TotalMilliseconds).ToString(CultureInfo.InvariantCulture),
            ["segment.ms"] = "3600000",
        }
        : new Dictionary<string, string>(StringComparer.Ordinal) { ["cleanup.policy"] = "compact" };

    /// <summary>The record of an origin.</summary>
    public static (string Topic, byte[] Key, byte[] Value) Write(string logId, BatchOrigin origin) => origin switch
    {
        IdempotencyKeyOrigin key => (Keys, Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{logId}/{key.Chunk}/{key.Key}")), "{}"u8.ToArray()),
        FileRangeOrigin file => (Files, Encoding.UTF8.GetBytes($"{logId}/{file.Fingerprint}"), Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $$"""{"start":{{file.Start}},"end":{{file.End}},"lines":{{file.Lines}}}"""))),
        _ => throw new NotSupportedException($"No topic keeps origins of type {origin.GetType().Name}"),
    };

    /// <summary>Reads a record back; null when it is not one of ours.</summary>
    public static (string LogId, BatchOrigin Origin)? Read(bool isFile, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var text = Encoding.UTF8.GetString(key);
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash <= 0)
        {
            return null;
        }

        var (logId, rest) = (text[..slash], text[(slash + 1)..]);
        if (isFile)
        {
            return FileOf(rest, value) is { } file ? (logId, file) : null;
        }

        var next = rest.IndexOf('/', StringComparison.Ordinal);
        return next > 0 && int.TryParse(rest.AsSpan(0, next), NumberStyles.None, CultureInfo.InvariantCulture, out var chunk)
            ? (logId, new IdempotencyKeyOrigin(rest[(next + 1)..], chunk)) : null;
    }

    private static FileRangeOrigin? FileOf(string fingerprint, ReadOnlySpan<byte> value)
    {
        try
        {
            var reader = new Utf8JsonReader(value);
            using var document = JsonDocument.ParseValue(ref reader);
            var root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object
                && root.TryGetProperty("start", out var start) && start.TryGetInt64(out var from)
                && root.TryGetProperty("end", out var end) && end.TryGetInt64(out var to)
                && root.TryGetProperty("lines", out var lines) && lines.TryGetInt64(out var count)
                ? new FileRangeOrigin(fingerprint, from, to, count) : null;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
