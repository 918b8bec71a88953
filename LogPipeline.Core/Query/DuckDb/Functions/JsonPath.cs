using System.Globalization;

namespace LogPipeline.Core.Query.DuckDb.Functions;

/// <summary>A path of <c>get_json_object</c>: <c>$.user.tags[0]</c>, <c>$['a b']</c>. Wildcards are refused.</summary>
/// <param name="Steps">Names (<see cref="string"/>) and places from 0 (<see cref="int"/>); null when the path is malformed.</param>
internal sealed record JsonPath(IReadOnlyList<object>? Steps)
{
    public static JsonPath Read(string path)
    {
        if (!path.StartsWith('$'))
        {
            return new((IReadOnlyList<object>?)null);
        }

        var steps = new List<object>();
        for (var at = 1; at < path.Length;)
        {
            int end;
            if (path[at] == '.')
            {
                end = path.AsSpan(at + 1).IndexOfAny('.', '[');
                end = end < 0 ? path.Length : end + at + 1;
                if (end == at + 1)
                {
                    return new((IReadOnlyList<object>?)null);
                }

                steps.Add(Name(path[(at + 1)..end], path));
            }
            else if (path.AsSpan(at).StartsWith("['"))
            {
                end = path.IndexOf("']", at + 2, StringComparison.Ordinal) + 2;
                if (end < at + 5)
                {
                    return new((IReadOnlyList<object>?)null);
                }

                steps.Add(Name(path[(at + 2)..(end - 2)], path));
            }
            else
            {
                end = path.IndexOf(']', at) + 1;
                if (path[at] != '[' || end <= 0)
                {
                    return new((IReadOnlyList<object>?)null);
                }

                var inside = path[(at + 1)..(end - 1)];
                if (inside == "*")
                {
                    throw Wildcard(path);
                }

                if (!int.TryParse(inside, NumberStyles.None, CultureInfo.InvariantCulture, out var place))
                {
                    return new((IReadOnlyList<object>?)null);
                }

                steps.Add(place);
            }

            at = end;
        }

        return new(steps);
    }

    private static string Name(string name, string path) => name == "*" ? throw Wildcard(path) : name;

    private static QueryException Wildcard(string path) =>
        SparkFailure.Unsupported($"The embedded engine does not follow wildcards in the JSON path '{path}'; Spark answers it.");
}
