using LogPipeline.Core.Ingest;
using LogPipeline.Core.Ingest.Columns;
using LogPipeline.Core.Streams;

namespace LogPipeline.Spark.Streaming.Parsing;

/// <summary>Events as producers mostly write them: read by Spark's own JSON parser, twice, with proof that it reads them as ours does.</summary>
/// <remarks>
/// <para>
/// Spark's parser is lenient: it takes objects for texts, stops behind the first value, rewrites <c>1.50</c> to <c>1.5</c>. So an event is
/// plain only if nothing of that kind can have happened; whatever is not plain goes through <see cref="ExactEvent"/>, where a record
/// that does not fit gets its reason, too.
/// </para>
/// <para>
/// The value is read within <c>{"\u0002":[VALUE,{"\u0001":1}]}</c>. A plain value holds no escape that begins with <c>\u000</c>, so it cannot
/// bring those names itself: if the array has two elements and the second one is ours, the value is exactly one JSON value, with nothing behind it.
/// </para>
/// </remarks>
internal sealed class PlainEvent(StreamSchema schema, IngestOptions limits)
{
    private const string Guard = "\u0001";
    private const string Wrapper = "\u0002";
    private const string Corrupt = "_corrupt";
    private readonly IReadOnlyList<(StreamColumn Column, ColumnKind Kind)> columns = [.. schema.Columns.Select(column => (column, ColumnBuffer.KindOf(column.Type)))];

    /// <summary>The value read by columns; null for what is no object.</summary>
    /// <param name="text">The value as text.</param>
    public string Parsed(string text) =>
        $$"""from_json(concat('{"\\u0002":[', {{text}}, ',{"\\u0001":1}]}'), {{Sql.Text(ParsedType)}}, {{Options(limits.MaxDepth + 2)}})""";

    /// <summary>The value read as names and texts.</summary>
    public string Members(string text) => $"from_json({text}, 'map<string,string>', {Options(limits.MaxDepth)})";

    /// <summary>The columns of a parsed value.</summary>
    public static string Row(string parsed) => $"get({parsed}.{Sql.Name(Wrapper)}, 0)";

    /// <summary>The members without a column that are not null.</summary>
    public string Attributes(string members) => $"map_filter({members}, (name, value) -> value IS NOT NULL AND NOT name IN ({Sql.List(schema.Columns.Select(column => column.Name))}))";

    /// <summary>Microseconds of an instant; null when the column has none or an unusual one.</summary>
    public static string Instant(string column, string text, string value)
    {
        var quoted = Sql.Text($"\"{column}\":");
        return $$"""
            CASE WHEN {{value}} RLIKE '^[0-9]{1,15}\\z' THEN IF(contains({{text}}, concat({{quoted}}, {{value}})) OR contains({{text}}, concat({{quoted}}, ' ', {{value}})), try_cast({{value}} AS BIGINT) * 1000L, NULL)
              ELSE {{InstantSql.PlainText(value)}} END
            """;
    }

    /// <summary>Whether a value is plain, and so the row, the attributes and the instants are what our parser gives.</summary>
    /// <param name="text">The value as text.</param>
    /// <param name="latest">The latest instant that fits, in microseconds.</param>
    /// <param name="parsed">See <see cref="Parsed"/>.</param>
    /// <param name="members">See <see cref="Members"/>.</param>
    /// <param name="attributes">See <see cref="Attributes"/>.</param>
    /// <param name="row">See <see cref="Row"/>.</param>
    /// <param name="instant">Microseconds of a column's instant.</param>
    public string IsPlain(string text, string latest, string parsed, string members, string attributes, string row, Func<string, string> instant) => $"""
        coalesce(
          octet_length({text}) <= {limits.MaxFieldBytes} AND is_valid_utf8({text})
          AND {parsed}.{Corrupt} IS NULL AND get({parsed}.{Sql.Name(Wrapper)}, 1).{Sql.Name(Guard)} = 1 AND size({parsed}.{Sql.Name(Wrapper)}) = 2
          AND (NOT contains({text}, '\\u') OR NOT {text} RLIKE {Sql.Text(JsonTokens.RareEscape)})
          AND {Sql.All(columns.Select(one => ColumnIsPlain(one.Column, one.Kind, latest, $"{row}.{Sql.Name(one.Column.Name)}", instant)).OfType<string>())}
          AND {NamesAreDistinct(members, attributes, row)}
          AND {AttributesArePlain(text, attributes)}, false)
        """;

    private string ParsedType
    {
        get
        {
            var fields = columns.Select(one => $"{Sql.Name(one.Column.Name)}:{(one.Kind == ColumnKind.Timestamp ? "string" : one.Column.Type.Name)}").Append($"{Sql.Name(Guard)}:int");
            return $"{Sql.Name(Wrapper)} array<struct<{string.Join(',', fields)}>>, {Corrupt} string";
        }
    }

    private static string Options(int depth) =>
        $"map('mode', 'PERMISSIVE', 'columnNameOfCorruptRecord', '{Corrupt}', 'allowSingleQuotes', 'false', 'allowNonNumericNumbers', 'false', 'maxNestingDepth', '{depth}', 'maxNumLen', '2147483647')";

    private static string? ColumnIsPlain(StreamColumn column, ColumnKind kind, string latest, string value, Func<string, string> instant)
    {
        var plain = kind switch
        {
            ColumnKind.Text when column.Name == "level" => $"{value} IS NULL OR (NOT {LooksNested(value)} AND NOT {LooksRewritten(value)} AND NOT {value} IN ('true', 'false'))",
            ColumnKind.Text => $"{value} IS NULL OR (NOT {LooksNested(value)} AND NOT {LooksRewritten(value)})",
            ColumnKind.Double => $"{value} IS NULL OR {NumberSql.IsFinite(value)}",
            ColumnKind.Timestamp => $"{value} IS NULL OR {instant(column.Name)} BETWEEN 0 AND {latest}",
            _ => null,
        };
        var isThere = column.Required && kind != ColumnKind.Timestamp ? $"{value} IS NOT NULL" : null;
        return plain is null ? isThere : isThere is null ? plain : $"({plain}) AND {isThere}";
    }

    private static string LooksNested(string value) => $"(({value} >= '{{' AND {value} < '|') OR ({value} >= '[' AND {value} < '\\\\'))";

    private static string LooksRewritten(string value) =>
        $"(((({value} >= '0' AND {value} < ':') OR ({value} >= '-' AND {value} < '.')) AND {value} RLIKE {Sql.Text(JsonTokens.RewrittenNumber)}) OR {value} IN ('\"Infinity\"', '\"-Infinity\"'))";

    // Every member is a column with a value or an attribute; or the rest are nulls. A name that comes twice makes one more of the members.
    private string NamesAreDistinct(string members, string attributes, string row)
    {
        var present = string.Join(" + ", columns.Select(one => $"IF({row}.{Sql.Name(one.Column.Name)} IS NULL, 0, 1)"));
        return $"""
            (size({members}) = {present} + size({attributes})
              OR (size(array_distinct(map_keys({members}))) = size({members}) AND size(map_filter({members}, (name, value) -> value IS NOT NULL)) = {present} + size({attributes})))
              AND (size({attributes}) < 2 OR size(array_distinct(map_keys({attributes}))) = size({attributes}))
            """;
    }

    // What may be an object or have been rewritten is proved to be a text, or the number of that name, by finding it in the value as it is. No
    // name comes twice, and an object within would have failed its own proof, so what is found is the member itself.
    private static string AttributesArePlain(string text, string attributes) => $"""
        (size({attributes}) = 0 OR NOT exists(map_entries({attributes}), one -> one.key = '' OR (({LooksNested("one.value")} OR {LooksRewritten("one.value")})
          AND NOT ({Shows(text, ":\"", "\"")} OR {Shows(text, ": \"", "\"")}
            OR (NOT {LooksNested("one.value")} AND ({Shows(text, ":", ",")} OR {Shows(text, ":", "}")} OR {Shows(text, ": ", ",")} OR {Shows(text, ": ", "}")}))))))
        """;

    private static string Shows(string text, string before, string behind) => $"contains({text}, concat('\"', one.key, '\"{before}', one.value, '{behind}'))";
}
