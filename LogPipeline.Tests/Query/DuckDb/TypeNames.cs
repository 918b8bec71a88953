using System.Globalization;
using LogPipeline.Core.Types;

namespace LogPipeline.Tests.Query.DuckDb;

/// <summary>Reads Spark's simple names of types, such as <c>array&lt;struct&lt;a:int&gt;&gt;</c>.</summary>
internal static class TypeNames
{
    public static DataType Parse(string name)
    {
        if (DataTypes.All.FirstOrDefault(type => type.Name == name) is { } primitive)
        {
            return primitive;
        }

        if (name.StartsWith("decimal(", StringComparison.Ordinal))
        {
            var numbers = name[8..^1].Split(',').Select(text => int.Parse(text, CultureInfo.InvariantCulture)).ToArray();
            return new DecimalType(numbers[0], numbers[1]);
        }

        if (name.StartsWith("interval ", StringComparison.Ordinal))
        {
            var fields = name[9..].ToUpperInvariant().Split(" TO ");
            return new IntervalType(fields[0], fields[^1]);
        }

        var open = name.IndexOf('<', StringComparison.Ordinal);
        var parts = Split(name[(open + 1)..^1]);
        return name[..open] switch
        {
            "array" => new ArrayType(Parse(parts[0])),
            "map" => new MapType(Parse(parts[0]), Parse(parts[1])),
            _ => new StructType([.. parts.Select(part => part.Split(':', 2)).Select(field => new StructField(field[0], Parse(field[1])))]),
        };
    }

    /// <summary>Splits at the commas that are not within brackets.</summary>
    private static List<string> Split(string text)
    {
        var parts = new List<string>();
        var depth = 0;
        var start = 0;
        for (var at = 0; at < text.Length; at++)
        {
            depth += text[at] switch { '<' or '(' => 1, '>' or ')' => -1, _ => 0 };
            if (depth == 0 && text[at] == ',')
            {
                parts.Add(text[start..at]);
                start = at + 1;
            }
        }

        parts.Add(text[start..]);
        return parts;
    }
}
