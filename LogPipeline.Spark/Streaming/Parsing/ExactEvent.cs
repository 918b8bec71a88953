using System.Globalization;
using LogPipeline.Core.Ingest;
using LogPipeline.Core.Ingest.Columns;
using LogPipeline.Core.Ingest.Formats;
using LogPipeline.Core.Streams;

namespace LogPipeline.Spark.Streaming.Parsing;

/// <summary>Every rule of <see cref="JsonEventFormat"/> in Spark SQL, over the members of an event as they stand: for whatever is not a <see cref="PlainEvent"/>.</summary>
/// <remarks>
/// The members' names and values are cut out by a regular expression, so that kind, order, repetition and the exact text of each are
/// known. That Spark's parser takes the value for valid JSON is checked first.
/// </remarks>
internal sealed class ExactEvent(StreamSchema schema, IngestOptions limits)
{
    private const string Half = "has an escape that is half of a surrogate pair, which is no character";
    private const string Nul = "contains a NUL character";

    // A field of the array element behind the value: so long that no event has it by accident.
    private const string End = "logpipeline end of value 3f0c6a51";
    private readonly IReadOnlyList<(StreamColumn Column, ColumnKind Kind)> columns = [.. schema.Columns.Select(column => (column, ColumnBuffer.KindOf(column.Type)))];

    /// <summary>What is wrong with a value as a whole; null when it is a JSON object in UTF-8, as long as it may be.</summary>
    /// <param name="value">The value, as bytes.</param>
    /// <param name="text">The value as text.</param>
    public string NoObject(string value, string text) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        CASE WHEN {value} IS NULL THEN 'has no value: a tombstone is no event'
          WHEN octet_length({value}) > {limits.MaxEventBytes} THEN concat('is ', format_number(octet_length({value}), 0), ' bytes long; an event has at most {limits.MaxEventBytes:N0}')
          WHEN {Start(text)} = '' THEN 'is empty'
          WHEN NOT is_valid_utf8({text}) THEN {NotUtf8(value, text)}
          WHEN {Start(text)} = '[' THEN 'an event must be a JSON object, not an array'
          WHEN {Trimmed(text)} RLIKE {Sql.Text(JsonTokens.Scalar)}
            THEN concat('an event must be a JSON object, not ', CASE {Start(text)} WHEN '"' THEN 'a text' WHEN 't' THEN 'a boolean' WHEN 'f' THEN 'a boolean' WHEN 'n' THEN 'null' ELSE 'a number' END)
          WHEN {Start(text)} <> {Sql.Text("{")} OR NOT {IsValid(value, text)} THEN 'is not valid JSON' END
        """);

    /// <summary>
    /// The members of an object in their order: an array of structures with the name as it stands (<c>quoted</c>), what it says (<c>name</c>), the value as it
    /// stands (<c>value</c>) and its first character (<c>first</c>), what it says (<c>says</c>), and what it is as a whole number or in microseconds where its column
    /// wants that (<c>number</c>).
    /// </summary>
    /// <param name="text">The value as text.</param>
    public string Members(string text)
    {
        var wholes = Columns(ColumnKind.Int32, ColumnKind.Int64);
        var instants = Columns(ColumnKind.Timestamp);
        return $"""
            transform(zip_with(regexp_extract_all({text}, {Sql.Text(JsonTokens.Member(limits.MaxDepth))}, 1), regexp_extract_all({text}, {Sql.Text(JsonTokens.Member(limits.MaxDepth))}, 2),
              (name, value) -> struct(name AS quoted, {Said("name")} AS name, value, left(value, 1) AS first, IF(left(value, 1) = '"', {Said("value")}, value) AS says)),
              one -> struct(one.quoted AS quoted, one.name AS name, one.value AS value, one.first AS first, one.says AS says,
                CASE WHEN {instants("one.name")} AND one.first = '"' THEN {InstantSql.OfText("one.says")} WHEN NOT {IsNumber} THEN NULL
                  WHEN {instants("one.name")} THEN {InstantSql.OfNumber("one.value")} WHEN {wholes("one.name")} THEN {NumberSql.Whole("one.value")} END AS number))
            """;
    }

    /// <summary>
    /// The first thing wrong with the members, in the order in which our parser looks: the field, the reason, and a value that belongs behind
    /// it; null when nothing is.
    /// </summary>
    /// <param name="members">See <see cref="Members"/>.</param>
    /// <param name="received">When the event was received, in microseconds.</param>
    public string Wrong(string members, string received)
    {
        var rules = new List<string> { Rule($"contains(one.quoted, '\\\\') AND NOT one.quoted RLIKE {Sql.Text(JsonTokens.WholeCharacters)}", "NULL", Half) };
        foreach (var kind in columns.GroupBy(one => one.Kind))
        {
            rules.Add($"WHEN {Columns(kind.Key)("one.name")} THEN CASE WHEN one.value = 'null' THEN NULL {string.Join(' ', ColumnRules(kind.Key, received))} END");
        }

        rules.Add(Rule("one.name = ''", "''", "a field has an empty name"));
        rules.Add(Rule("contains(one.name, '\\0')", "one.name", "a field's name contains a NUL character"));
        rules.Add(Rule(HasHalf, "NULL", Half));
        rules.Add(Rule(HasNul, "one.name", Nul));
        return $"get(filter(transform({members}, one -> CASE {string.Join("\n  ", rules)} END), wrong -> wrong IS NOT NULL), 0)";
    }

    /// <summary>The field of <see cref="Wrong"/> as it is shown.</summary>
    public string Field(string wrong) => $"IF({Columns([.. columns.Select(one => one.Kind)])($"{wrong}.field")}, {wrong}.field, {Cut($"{wrong}.field")})";

    /// <summary>The reason of <see cref="Wrong"/>, with the value that belongs behind it.</summary>
    public static string Reason(string wrong)
    {
        var found = $"{wrong}.found";
        return $$"""
            concat({{wrong}}.reason, CASE left({{found}}, 1) WHEN '{' THEN 'an object' WHEN '[' THEN 'an array' WHEN '"' THEN concat('the text "', {{Cut($"substring({found}, 2, char_length({found}) - 2)")}}, '"')
              ELSE coalesce({{Cut(found)}}, '') END)
            """;
    }

    /// <summary>
    /// What each member that is not null says, by its name: a whole number or an instant as the digits of the number, the level in its usual
    /// spelling. The last one of a name that comes again counts.
    /// </summary>
    /// <remarks>Names are sorted with their places, and what the same name follows is left out.</remarks>
    /// <param name="members">See <see cref="Members"/>; nothing is wrong with them.</param>
    public string Texts(string members)
    {
        var value = $"WHEN {Columns(ColumnKind.Int32, ColumnKind.Int64, ColumnKind.Timestamp)("one.name")} THEN CAST(one.number AS STRING) ELSE one.says END";
        value = columns.Any(one => one is { Kind: ColumnKind.Text, Column.Name: LevelSql.Column }) ? $"WHEN one.name = '{LevelSql.Column}' AND one.first = '\"' THEN {LevelSql.Spelled("one.says")} {value}" : value;
        return Sql.Let(
            "sorted",
            $"array_sort(transform({members}, (one, place) -> struct(one.name AS name, place, CASE WHEN one.value = 'null' THEN NULL {value} AS value)))",
            "map_from_entries(transform(filter(sorted, (one, place) -> one.value IS NOT NULL AND NOT (one.name <=> get(sorted, place + 1).name)), one -> struct(one.name AS key, one.value AS value)))");
    }

    /// <summary>The first required column that <see cref="Texts"/> have not; null when there is none.</summary>
    public string Missing(string texts)
    {
        var required = columns.Where(one => one.Column.Required && one.Kind != ColumnKind.Timestamp).Select(one => one.Column.Name).ToList();
        return required.Count == 0 ? "CAST(NULL AS STRING)" : $"get(array_except(array({Sql.List(required)}), map_keys({texts})), 0)";
    }

    /// <summary>The reason why an event does not fit whose column is <see cref="Missing"/>.</summary>
    public const string IsMissing = "is required and missing";

    private static string Trimmed(string text) => $"trim(BOTH ' \\t\\r\\n' FROM {text})";

    private static string Start(string text) => $"left({Trimmed(text)}, 1)";

    // Bytes from the first on that are equal once what is not UTF-8 is replaced by U+FFFD, which is EF BF BD: what stands before an invalid
    // sequence that itself begins with EF or EF BF looks equal for one or two bytes too long.
    private static string NotUtf8(string value, string text)
    {
        var equal = $"aggregate(sequence(21, 0, -1), 0, (at, bit) -> IF(at + shiftleft(1, bit) <= octet_length({value}) AND substring({value}, 1, at + shiftleft(1, bit)) = substring(CAST(make_valid_utf8({text}) AS BINARY), 1, at + shiftleft(1, bit)), at + shiftleft(1, bit), at))";
        var start = Sql.Let("equal", equal, $"CASE WHEN substring({value}, equal - 1, 2) = X'EFBF' AND equal >= 2 THEN equal - 2 WHEN substring({value}, equal, 1) = X'EF' AND equal >= 1 THEN equal - 1 ELSE equal END");
        return Sql.Let("start", start, $"concat('is not UTF-8: byte 0x', hex(substring({value}, start + 1, 1)), ' at ', start)");
    }

    // {"HASH":[VALUE,{"END":1}]}: a value cannot bring its own hash, so the array with that name is ours, and so is its end.
    private string IsValid(string value, string text) => Sql.Let(
        "ends",
        $$"""get(map_values(map_filter(from_json(concat('{"', md5({{value}}), '":[', {{text}}, ',{"{{End}}":1}]}'), 'map<string,array<struct<`{{End}}`:int>>>', map('allowSingleQuotes', 'false', 'allowNonNumericNumbers', 'false', 'maxNestingDepth', '{{limits.MaxDepth + 2}}', 'maxNumLen', '2147483647')), (name, list) -> name = md5({{value}}))), 0)""",
        $"coalesce(size(ends) = 2 AND get(ends, 1).`{End}` = 1, false)");

    private Func<string, string> Columns(params ColumnKind[] kinds)
    {
        var names = columns.Where(one => kinds.Contains(one.Kind)).Select(one => one.Column.Name).ToList();
        return name => names.Count == 0 ? "false" : $"{name} IN ({Sql.List(names)})";
    }

    private static string Said(string quoted) => $"IF(contains({quoted}, '\\\\'), get(from_json(concat('[', {quoted}, ']'), 'array<string>'), 0), substring({quoted}, 2, char_length({quoted}) - 2))";

    private static readonly string HasHalf = $"one.first = '\"' AND contains(one.value, '\\\\') AND NOT one.value RLIKE {Sql.Text(JsonTokens.WholeCharacters)}";

    private const string HasNul = "one.first = '\"' AND contains(one.says, '\\0')";

    private const string IsNumber = "one.first IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9')";

    private static string Rule(string condition, string field, string reason, string found = "NULL") => Computed(condition, field, Sql.Text(reason), found);

    private static string Computed(string condition, string field, string reason, string found = "NULL") =>
        $"WHEN {condition} THEN struct(CAST({field} AS STRING) AS field, {reason} AS reason, CAST({found} AS STRING) AS found)";

    private string[] ColumnRules(ColumnKind kind, string received)
    {
        var expected = $"must be {Problems.Expected(kind)}, not ";
        return kind switch
        {
            ColumnKind.Text =>
            [
                Unlike("one.first IN ('{', '[')"),
                Own(HasHalf, Half),
                Own(HasNul, Nul),
                Computed(
                    $"octet_length(one.says) > {limits.MaxFieldBytes}",
                    "one.name",
                    string.Create(CultureInfo.InvariantCulture, $"concat('is ', format_number(octet_length(one.says), 0), ' bytes long; at most {limits.MaxFieldBytes:N0} are kept')")),
            ],
            ColumnKind.Int32 => [Unlike("one.number IS NULL OR NOT one.number BETWEEN -2147483648L AND 2147483647L")],
            ColumnKind.Int64 => [Unlike("one.number IS NULL")],
            ColumnKind.Double => [Unlike($"NOT {IsNumber}"), Rule($"NOT {NumberSql.IsFinite("try_cast(one.value AS DOUBLE)")}", "one.name", "is too large for a double: ", "one.value")],
            ColumnKind.Boolean => [Unlike("NOT one.value IN ('true', 'false')")],
            _ =>
            [
                Own(HasHalf, Half),
                Unlike("one.number IS NULL"),
                Own("one.number < 0", InstantSql.TooEarly),
                Own($"one.number > {received} + {InstantSql.Micros(limits.MaxAhead)}", InstantSql.TooLate(limits.MaxAhead)),
            ],
        };

        string Unlike(string condition) => Rule(condition, "one.name", expected, "one.value");

        static string Own(string condition, string reason) => Rule(condition, "one.name", reason);
    }

    // As much of a text as is shown: at most 48 bytes, which are 12 to 48 characters.
    private static string Cut(string text) =>
        $"IF(octet_length({text}) <= 48, {text}, concat(left({text}, get(filter(sequence(48, 12, -1), length -> octet_length(left({text}, length)) <= 48), 0)), '…'))";
}
