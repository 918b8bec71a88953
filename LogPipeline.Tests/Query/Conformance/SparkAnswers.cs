using System.Text.Json;

namespace LogPipeline.Tests.Query.Conformance;

/// <summary>One question and what real Spark answered.</summary>
public sealed record SparkAnswer(
    string Id,
    string Area,
    string Sql,
    bool Ordered,
    bool Approx,
    IReadOnlyList<(string Name, string Type)>? Columns,
    IReadOnlyList<JsonElement>? Rows,
    string? ErrorClass,
    bool IsError)
{
    /// <summary>Reads <c>queries.json</c>.</summary>
    public static IReadOnlyList<SparkAnswer> Load(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(file));
        return [.. document.RootElement.EnumerateArray().Select(Read)];
    }

    private static SparkAnswer Read(JsonElement entry)
    {
        var isError = entry.TryGetProperty("error", out var error);
        return new SparkAnswer(
            entry.GetProperty("id").GetString()!,
            entry.GetProperty("area").GetString()!,
            entry.GetProperty("sql").GetString()!,
            entry.TryGetProperty("ordered", out var ordered) && ordered.GetBoolean(),
            entry.TryGetProperty("approx", out var approx) && approx.ValueKind == JsonValueKind.True,
            entry.TryGetProperty("columns", out var columns)
                ? [.. columns.EnumerateArray().Select(column => (column.GetProperty("name").GetString()!, column.GetProperty("type").GetString()!))]
                : null,
            entry.TryGetProperty("rows", out var rows) ? [.. rows.EnumerateArray().Select(row => row.Clone())] : null,
            isError && error.GetProperty("class").ValueKind == JsonValueKind.String ? error.GetProperty("class").GetString() : null,
            isError);
    }
}
