namespace LogPipeline.Core.Query.SparkSql.Analysis;

/// <summary>Names that were perhaps meant.</summary>
internal static class Similar
{
    /// <summary>Names by their distance from what was written, nearest first.</summary>
    public static IReadOnlyList<string> Names(string written, IEnumerable<string> names) =>
        [.. names.Distinct(StringComparer.OrdinalIgnoreCase).Select(name => (name, distance: Distance(written.ToUpperInvariant(), name.ToUpperInvariant()))).OrderBy(pair => pair.distance).ThenBy(pair => pair.name, StringComparer.Ordinal).Select(pair => pair.name).Take(5)];

    private static int Distance(string left, string right)
    {
        var before = new int[right.Length + 1];
        var row = new int[right.Length + 1];
        for (var column = 0; column <= right.Length; column++)
        {
            before[column] = column;
        }

        for (var line = 1; line <= left.Length; line++)
        {
            row[0] = line;
            for (var column = 1; column <= right.Length; column++)
            {
                var change = before[column - 1] + (left[line - 1] == right[column - 1] ? 0 : 1);
                row[column] = Math.Min(change, Math.Min(before[column], row[column - 1]) + 1);
            }

            (before, row) = (row, before);
        }

        return before[right.Length];
    }
}
