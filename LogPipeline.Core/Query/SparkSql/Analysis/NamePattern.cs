namespace LogPipeline.Core.Query.SparkSql.Analysis;

/// <summary>Patterns of SHOW … LIKE: <c>*</c> and <c>%</c> stand for any text; case does not matter.</summary>
internal static class NamePattern
{
    public static bool Matches(ReadOnlySpan<char> name, ReadOnlySpan<char> pattern)
    {
        if (pattern.IsEmpty)
        {
            return name.IsEmpty;
        }

        if (pattern[0] is '*' or '%')
        {
            for (var skip = 0; skip <= name.Length; skip++)
            {
                if (Matches(name[skip..], pattern[1..]))
                {
                    return true;
                }
            }

            return false;
        }

        return !name.IsEmpty && char.ToUpperInvariant(name[0]) == char.ToUpperInvariant(pattern[0]) && Matches(name[1..], pattern[1..]);
    }
}
