using System.Globalization;
using System.Text;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.DuckDb.Engine;

/// <summary>Spells names, texts and types in DuckDB's SQL.</summary>
internal static class DuckDbSql
{
    public static string Identifier(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public static string Literal(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>A path for a function that takes glob patterns: each special character becomes a class of itself.</summary>
    public static string PathLiteral(string path)
    {
        if (path.AsSpan().IndexOfAny('*', '?', '[') < 0)
        {
            return Literal(path);
        }

        var escaped = new StringBuilder();
        foreach (var character in path)
        {
            if (character is '*' or '?' or '[')
            {
                escaped.Append('[').Append(character).Append(']');
            }
            else
            {
                escaped.Append(character);
            }
        }

        return Literal(escaped.ToString());
    }

    /// <summary>The DuckDB type that holds values of a Spark type. Instants are TIMESTAMP in UTC.</summary>
    public static string TypeName(DataType type) => type switch
    {
        DecimalType exact => string.Create(CultureInfo.InvariantCulture, $"DECIMAL({exact.Precision},{exact.Scale})"),
        ArrayType array => TypeName(array.Element) + "[]",
        MapType map => $"MAP({TypeName(map.Key)}, {TypeName(map.Value)})",
        StructType row => $"STRUCT({string.Join(", ", row.Fields.Select(field => $"{Identifier(field.Name)} {TypeName(field.Type)}"))})",
        IntervalType => "INTERVAL",
        PrimitiveType { Name: "boolean" } => "BOOLEAN",
        PrimitiveType { Name: "tinyint" } => "TINYINT",
        PrimitiveType { Name: "smallint" } => "SMALLINT",
        PrimitiveType { Name: "int" } => "INTEGER",
        PrimitiveType { Name: "bigint" } => "BIGINT",
        PrimitiveType { Name: "float" } => "FLOAT",
        PrimitiveType { Name: "double" } => "DOUBLE",
        PrimitiveType { Name: "string" } => "VARCHAR",
        PrimitiveType { Name: "binary" } => "BLOB",
        PrimitiveType { Name: "date" } => "DATE",
        PrimitiveType { Name: "timestamp" or "timestamp_ntz" } => "TIMESTAMP",
        PrimitiveType { Name: "void" } => "INTEGER",
        PrimitiveType { Name: "interval" } => "INTERVAL",
        _ => throw new QueryException(QueryException.UnsupportedClass, "0A000", $"The embedded engine does not read columns of type {type.SimpleString}."),
    };
}
