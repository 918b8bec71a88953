using System.Text.Json;

namespace LogPipeline.Core.Lake.Writing;

/// <summary>Tells which files of <c>dead_letters</c> hold a stream's records, by their statistics.</summary>
internal static class DeadLetterFiles
{
    /// <summary>Rows that the table holds of a stream.</summary>
    public static long CountOf(TableSnapshot deadLetters, string stream) => deadLetters.Files.Where(file => BelongsTo(file.Stats, stream)).Sum(file => file.Rows ?? 0);

    /// <summary>Whether a file's rows are all of a stream. Sample: <c>{"numRecords":3,"minValues":{"stream":"web-logs"},"maxValues":{"stream":"web-logs"}}</c>.</summary>
    private static bool BelongsTo(string? stats, string stream)
    {
        if (stats is null)
        {
            return false;
        }

        using var document = JsonDocument.Parse(stats);
        return Is("minValues") && Is("maxValues");

        bool Is(string bound) =>
            document.RootElement.TryGetProperty(bound, out var values) && values.TryGetProperty("stream", out var value) && value.ValueEquals(stream);
    }
}
