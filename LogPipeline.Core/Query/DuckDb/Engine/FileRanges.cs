using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using LogPipeline.Core.Lake;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.DuckDb.Engine;

/// <summary>From when to when the rows of a file are.</summary>
internal readonly record struct TimeRange(DateTimeOffset From, DateTimeOffset To);

/// <summary>Ranges of the live files by path, from the statistics of the Delta log.</summary>
/// <remarks>
/// Statistics are cut to milliseconds, so a range is one wider on each side. A file whose column may hold nulls has none: a
/// condition on the range would drop them.
/// </remarks>
internal sealed class FileRanges
{
    private const int MaxEntries = 200_000;
    private static readonly TimeSpan Cut = TimeSpan.FromMilliseconds(1);

    private readonly ConcurrentDictionary<string, TimeRange?> byPath = new(StringComparer.Ordinal);

    /// <summary>The column that ranges are about: <c>timestamp</c>, or else the first instant; null when there is none.</summary>
    public static string? ColumnOf(StructType schema) =>
        (schema.Fields.FirstOrDefault(field => field.Type == DataTypes.Timestamp && field.Name.Equals("timestamp", StringComparison.OrdinalIgnoreCase))
            ?? schema.Fields.FirstOrDefault(field => field.Type == DataTypes.Timestamp))?.Name;

    public TimeRange? Find(DataFile file, string column)
    {
        if (byPath.Count > MaxEntries)
        {
            byPath.Clear();
        }

        return byPath.GetOrAdd(file.Path, static (_, state) => Read(state.file.Stats, state.column), (file, column));
    }

    /// <summary>Reads <c>{"numRecords":2,"minValues":{"timestamp":"2015-05-17T10:05:03.000Z"},"maxValues":{…},"nullCount":{"timestamp":0}}</c>.</summary>
    internal static TimeRange? Read(string? stats, string column)
    {
        if (stats is null)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(stats);
            return Member(document.RootElement, "nullCount", column) is { ValueKind: JsonValueKind.Number } nulls && nulls.TryGetInt64(out var count) && count == 0
                && Instant(document.RootElement, "minValues", column) is { } from && Instant(document.RootElement, "maxValues", column) is { } to
                ? new TimeRange(from - Cut, to + Cut)
                : null;
        }
        catch (Exception failure) when (failure is JsonException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    private static DateTimeOffset? Instant(JsonElement stats, string group, string column) =>
        Member(stats, group, column) is { ValueKind: JsonValueKind.String } text
            && DateTimeOffset.TryParse(text.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var instant)
            ? instant
            : null;

    private static JsonElement? Member(JsonElement stats, string group, string column) =>
        stats.ValueKind == JsonValueKind.Object && stats.TryGetProperty(group, out var values) && values.ValueKind == JsonValueKind.Object
            && values.TryGetProperty(column, out var value)
            ? value
            : null;
}
