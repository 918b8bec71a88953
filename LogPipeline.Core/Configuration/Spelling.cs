namespace LogPipeline.Core.Configuration;

/// <summary>Finds what a mistyped word was meant to be.</summary>
internal static class Spelling
{
    /// <summary>The candidate nearest to a word, or null when none is near.</summary>
    public static string? Closest(string word, IEnumerable<string> candidates)
    {
        var limit = Math.Max(1, word.Length / 3);
        return candidates
            .Select(candidate => (candidate, distance: Distance(word.ToUpperInvariant(), candidate.ToUpperInvariant())))
            .Where(pair => pair.distance <= limit)
            .OrderBy(pair => pair.distance)
            .Select(pair => pair.candidate)
            .FirstOrDefault();
    }

    /// <summary>Levenshtein distance, with two neighbours in the wrong order as one step.</summary>
    private static int Distance(string left, string right)
    {
        var table = new int[left.Length + 1][];
        for (var row = 0; row <= left.Length; row++)
        {
            table[row] = new int[right.Length + 1];
            for (var column = 0; column <= right.Length; column++)
            {
                if (row == 0 || column == 0)
                {
                    table[row][column] = row + column;
                    continue;
                }

                var cost = left[row - 1] == right[column - 1] ? 0 : 1;
                table[row][column] = Math.Min(
                    Math.Min(table[row - 1][column] + 1, table[row][column - 1] + 1),
                    table[row - 1][column - 1] + cost);
                if (row > 1 && column > 1 && left[row - 1] == right[column - 2] && left[row - 2] == right[column - 1])
                {
                    table[row][column] = Math.Min(table[row][column], table[row - 2][column - 2] + 1);
                }
            }
        }

        return table[left.Length][right.Length];
    }
}
