using System.Globalization;

namespace LogPipeline.Core.Query.Results;

/// <summary>Gives equal names a number: <c>n</c>, <c>n_2</c>, <c>n_3</c>.</summary>
internal static class UniqueNames
{
    public static IReadOnlyList<string> Of(IReadOnlyList<string> names)
    {
        var taken = new HashSet<string>(names, StringComparer.Ordinal);
        if (taken.Count == names.Count)
        {
            return names;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        var unique = new string[names.Count];
        for (var index = 0; index < names.Count; index++)
        {
            var name = names[index];
            for (var number = 2; seen.Contains(name) || (number > 2 && taken.Contains(name)); number++)
            {
                name = string.Create(CultureInfo.InvariantCulture, $"{names[index]}_{number}");
            }

            seen.Add(name);
            unique[index] = name;
        }

        return unique;
    }
}
