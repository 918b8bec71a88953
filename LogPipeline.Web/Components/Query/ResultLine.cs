using LogPipeline.Web.Components.Format;

namespace LogPipeline.Web.Components.Query;

/// <summary>A result in one line: 155 rows, all · embedded · version 412 · 0.8 s old · 118 ms.</summary>
internal static class ResultLine
{
    /// <summary>Writes it.</summary>
    public static string Text(ResultRows rows)
    {
        var parts = new List<string>
        {
            rows.Result.Truncated ? $"first {Numbers.Count(rows.Count)} rows, more exist"
            : rows.Count == 1 ? "1 row, all"
            : $"{Numbers.Count(rows.Count)} rows, all",
            rows.Result.Engine,
        };
        if (rows.Result.Versions is [var first, ..] versions)
        {
            parts.Add(versions.Count == 1
                ? $"version {Numbers.Count(first.Version)}"
                : string.Join(", ", versions.Select(version => $"{version.Table} version {Numbers.Count(version.Version)}")));
            parts.Add($"{Ages.Text(rows.At - versions.Min(version => version.CommittedAt))} old");
        }

        parts.Add($"{Numbers.Ms(rows.Result.Elapsed.TotalMilliseconds)} ms");
        return string.Join(" · ", parts);
    }
}
