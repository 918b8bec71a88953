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
    /// <param name="column">Name of the column.</param>
    /// <param name="text">The value as text.</param>
    /// <param name="row">See <see cref="Row"/>.</param>
    public static string Instant(string column, string text, string row)
    {
        var (value, quoted) = ($"{row}.{Sql.Name(column)}", Sql.Text($"\"{column}\":"));
        return $$"""
            CASE WHEN {{value}} RLIKE '^[0-9]{1,15}\\z' THEN IF(contains({{text}}, concat({{quoted}}, {{value}})) OR contains({{text}}, concat({{quoted}}, ' ', {{value}})), try_cast({{value}} AS BIGINT) * 1000L, NULL)
              ELSE {{InstantSql.PlainText(value)}} END
            """;
    }

    /// <summary>How many columns of a row have a value.</summary>
    public string Present(string row) => string.Join(" + ", columns.Select(one => $"IF({row}.{Sql.Name(one.Column.Name)} IS NULL, 0, 1)"));

    /// <summary>Whether a value is plain, and so the row, the attributes and the instants are what our parser gives.</summary>
    /// <param name="text">The value as text.</param>
    /// <param name="latest">The latest instant that fits, in microseconds.</param>
    /// <param name="parsed">See <see cref="Parsed"/>.</param>
    /// <param name="members">See <see cref="Members"/>.</param>
    /// <param name="attributes">See <see cref="Attributes"/>.</param>
    /// <param name="row">See <see cref="Row"/>.</param>
    /// <param name="present">See <see cref="Present"/>.</param>
    /// <param name="instant">Microseconds of a column's instant.</param>
    public string IsPlain(string text, string latest, string parsed, string members, string attributes, string row, string present, Func<string, string> instant) => $"""
        coalesce(
          octet_length({text}) <= {limits.MaxFieldBytes} AND is_valid_utf8({text})
          AND {parsed}.{Corrupt} IS NULL AND get({parsed}.{Sql.Name(Wrapper)}, 1).{Sql.Name(Guard)} = 1 AND size({parsed}.{Sql.Name(Wrapper)}) = 2
          AND (NOT contains({text}, '\\u') OR NOT {text} RLIKE {Sql.Text(JsonTokens.RareEscape)})
          AND {Sql.All(ColumnsArePlain(row, latest, instant))}
          AND {NamesAreDistinct(members, attributes, present)}
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

    // A plain value holds no U+0003, so that the texts can be looked at between them.
    private IEnumerable<string> ColumnsArePlain(string row, string latest, Func<string, string> instant)
    {
        var texts = columns.Where(one => one.Kind == ColumnKind.Text).Select(one => Value(one.Column)).ToList();
        if (texts.Count > 0)
        {
            yield return $"NOT concat_ws('\\u0003', {string.Join(", ", texts)}) RLIKE {Sql.Text(JsonTokens.Doubtful)}";
        }

        foreach (var (column, kind) in columns)
        {
            if (column.Required && kind != ColumnKind.Timestamp)
            {
                yield return $"{Value(column)} IS NOT NULL";
            }

            if (kind == ColumnKind.Text && column.Name == LevelSql.Column)
            {
                yield return $"{Value(column)} IS NULL OR NOT {Value(column)} IN ('true', 'false')";
            }

            if (kind is ColumnKind.Double or ColumnKind.Timestamp)
            {
                yield return $"{Value(column)} IS NULL OR {(kind == ColumnKind.Double ? NumberSql.IsFinite(Value(column)) : $"{instant(column.Name)} BETWEEN 0 AND {latest}")}";
            }
        }

        string Value(StreamColumn column) => $"{row}.{Sql.Name(column.Name)}";
    }

    // Every member is a column with a value or an attribute; or the rest are nulls. A name that comes twice makes one more of the members.
    private static string NamesAreDistinct(string members, string attributes, string present) => $"""
        (size({members}) = {present} + size({attributes})
          OR (size(array_distinct(map_keys({members}))) = size({members}) AND size(map_filter({members}, (name, value) -> value IS NOT NULL)) = {present} + size({attributes})))
          AND (size({attributes}) < 2 OR size(array_distinct(map_keys({attributes}))) = size({attributes}))
        """;

    // What may be an object or have been rewritten is proved to be a text, or the number of that name, by finding it in the value as it is. No
    // name comes twice, and an object within would have failed its own proof, so what is found is the member itself.
    private static string AttributesArePlain(string text, string attributes) => $$"""
        (size({{attributes}}) = 0 OR NOT exists(map_entries({{attributes}}), one -> one.key = '' OR (one.value RLIKE {{Sql.Text(JsonTokens.Doubtful)}}
          AND NOT ({{Shows(text, ":\"", "\"")}} OR {{Shows(text, ": \"", "\"")}}
            OR (NOT left(one.value, 1) IN ('{', '[') AND ({{Shows(text, ":", ",")}} OR {{Shows(text, ":", "}")}} OR {{Shows(text, ": ", ",")}} OR {{Shows(text, ": ", "}")}}))))))
        """;

    private static string Shows(string text, string before, string behind) => $"contains({text}, concat('\"', one.key, '\"{before}', one.value, '{behind}'))";
}
