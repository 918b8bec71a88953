using System.Text;

namespace LogPipeline.Spark.Streaming.Parsing;

/// <summary>Pieces of Spark SQL. None of them depends on the session's settings: every cast is tried, no index is out of bounds.</summary>
internal static class Sql
{
    /// <summary>A text literal.</summary>
    public static string Text(string value)
    {
        var literal = new StringBuilder("'");
        foreach (var one in value)
        {
            _ = one switch
            {
                '\'' => literal.Append("\\'"),
                '\\' => literal.Append("\\\\"),
                '\0' => literal.Append("\\0"),
                < ' ' => literal.Append("\\u").Append(((int)one).ToString("x4", System.Globalization.CultureInfo.InvariantCulture)),
                _ => literal.Append(one),
            };
        }

        return literal.Append('\'').ToString();
    }

    /// <summary>A name of a column or a field.</summary>
    public static string Name(string name) => $"`{name.Replace("`", "``", StringComparison.Ordinal)}`";

    /// <summary>Text literals, separated by commas.</summary>
    public static string List(IEnumerable<string> values) => string.Join(", ", values.Select(Text));

    /// <summary>An expression with a value computed once for it.</summary>
    public static string Let(string name, string value, string body) => $"get(transform(array({value}), {name} -> {body}), 0)";

    /// <summary>All of them, in order; the first that is not true decides.</summary>
    public static string All(IEnumerable<string> conditions) => string.Join("\n  AND ", conditions.Select(condition => $"({condition})"));
}
