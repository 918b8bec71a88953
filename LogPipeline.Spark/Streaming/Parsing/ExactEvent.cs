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

    /// <summary>
    /// The event: <c>struct&lt;field string, reason string, texts map&lt;string,string&gt;, level_as_is boolean&gt;</c>, where either the reason says what is wrong,
    /// or the texts hold what each member that is not null says.
    /// </summary>
    /// <param name="value">The value, as bytes.</param>
    /// <param name="text">The value as text.</param>
    /// <param name="received">When it was received, in microseconds.</param>
    public string Of(string value, string text, string received) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        CASE WHEN {{value}} IS NULL THEN {{Wrong("NULL", "'has no value: a tombstone is no event'")}}
          WHEN octet_length({{value}}) > {{limits.MaxEventBytes}}
            THEN {{Wrong("NULL", $"concat('is ', format_number(octet_length({value}), 0), ' bytes long; an event has at most {limits.MaxEventBytes:N0}')")}}
          WHEN {{Trimmed(text)}} = '' THEN {{Wrong("NULL", "'is empty'")}}
          WHEN NOT is_valid_utf8({{text}}) THEN {{Wrong("NULL", NotUtf8(value))}}
          WHEN left({{Trimmed(text)}}, 1) = '[' THEN {{Wrong("NULL", "'an event must be a JSON object, not an array'")}}
          WHEN {{Trimmed(text)}} RLIKE {{Sql.Text(JsonTokens.Scalar)}}
            THEN {{Wrong("NULL", $"concat('an event must be a JSON object, not ', {KindOf($"left({Trimmed(text)}, 1)")})")}}
          WHEN left({{Trimmed(text)}}, 1) <> '{' OR NOT {{IsValid(value, text)}} THEN {{Wrong("NULL", "'is not valid JSON'")}}
          ELSE {{Object(text, received)}} END
        """);

    /// <summary>The type of what <see cref="Of"/> gives.</summary>
    public const string Type = "STRUCT<field: STRING, reason: STRING, texts: MAP<STRING, STRING>, level_as_is: BOOLEAN>";

    private static string Trimmed(string text) => $"trim(BOTH ' \\t\\r\\n' FROM {text})";

    private static string Wrong(string field, string reason) =>
        $"named_struct('field', CAST({field} AS STRING), 'reason', {reason}, 'texts', CAST(NULL AS MAP<STRING, STRING>), 'level_as_is', CAST(NULL AS BOOLEAN))";

    private static string KindOf(string first) =>
        $"CASE WHEN {first} = '{{' THEN 'an object' WHEN {first} = '[' THEN 'an array' WHEN {first} = '\"' THEN 'a text' WHEN {first} IN ('t', 'f') THEN 'a boolean' WHEN {first} = 'n' THEN 'null' ELSE 'a number' END";

    // Bytes from the first on that are equal once what is not UTF-8 is replaced by U+FFFD, which is EF BF BD: what stands before an invalid
    // sequence that itself begins with EF or EF BF looks equal for one or two bytes too long.
    private static string NotUtf8(string value)
    {
        var equal = $"aggregate(sequence(21, 0, -1), 0, (at, bit) -> IF(at + shiftleft(1, bit) <= octet_length({value}) AND substring({value}, 1, at + shiftleft(1, bit)) = substring(CAST(make_valid_utf8(CAST({value} AS STRING)) AS BINARY), 1, at + shiftleft(1, bit)), at + shiftleft(1, bit), at))";
        var start = Sql.Let("equal", equal, $"CASE WHEN substring({value}, equal - 1, 2) = X'EFBF' AND equal >= 2 THEN equal - 2 WHEN substring({value}, equal, 1) = X'EF' AND equal >= 1 THEN equal - 1 ELSE equal END");
        return Sql.Let("start", start, $"concat('is not UTF-8: byte 0x', hex(substring({value}, start + 1, 1)), ' at ', start)");
    }

    // {"HASH":[VALUE,{"END":1}]}: a value cannot bring its own hash, so the array with that name is ours, and so is its end.
    private string IsValid(string value, string text) => Sql.Let(
        "ends",
        $$"""get(map_values(map_filter(from_json(concat('{"', md5({{value}}), '":[', {{text}}, ',{"{{End}}":1}]}'), 'map<string,array<struct<`{{End}}`:int>>>', map('allowSingleQuotes', 'false', 'allowNonNumericNumbers', 'false', 'maxNestingDepth', '{{limits.MaxDepth + 2}}', 'maxNumLen', '2147483647')), (name, list) -> name = md5({{value}}))), 0)""",
        $"coalesce(size(ends) = 2 AND get(ends, 1).`{End}` = 1, false)");

    private string Object(string text, string received) => Sql.Let(
        "members",
        $"""
        zip_with(regexp_extract_all({text}, {Sql.Text(JsonTokens.Member(limits.MaxDepth))}, 1), regexp_extract_all({text}, {Sql.Text(JsonTokens.Member(limits.MaxDepth))}, 2),
          (name, value) -> named_struct('quoted', name, 'name', IF(contains(name, '\\'), {Unescaped("name")}, substring(name, 2, char_length(name) - 2)), 'value', value, 'first', left(value, 1)))
        """,
        Sql.Let(
            "wrong",
            $"get(filter(transform(members, one -> {MemberProblem(received)}), problem -> problem IS NOT NULL), 0)",
            $"CASE WHEN wrong IS NOT NULL THEN {Wrong("wrong.field", "wrong.reason")} ELSE {Sql.Let("texts", Texts("members"), Accepted())} END"));

    private string Accepted()
    {
        var missing = columns.Where(one => one.Column.Required && one.Kind != ColumnKind.Timestamp).Select(one => one.Column.Name)
            .Select(name => $"WHEN NOT map_contains_key(texts, {Sql.Text(name)}) THEN {Wrong(Sql.Text(name), "'is required and missing'")}").ToList();
        var accepted = "named_struct('field', CAST(NULL AS STRING), 'reason', CAST(NULL AS STRING), 'texts', texts, "
            + "'level_as_is', coalesce(get(filter(reverse(members), one -> one.name = 'level'), 0).first <> '\"', false))";
        return missing.Count == 0 ? accepted : $"CASE {string.Join(' ', missing)} ELSE {accepted} END";
    }

    private static string Unescaped(string quoted) => $"get(from_json(concat('[', {quoted}, ']'), 'array<string>'), 0)";

    // Every value as a JSON text, so that Spark's parser gives each back as it stands. Of a name that comes again the last counts: names are
    // sorted with their places, and what the same name follows is left out.
    private static string Texts(string members)
    {
        var value = "CASE WHEN one.first = '\"' THEN IF(contains(one.value, '\\\\'), " + Unescaped("one.value") + ", substring(one.value, 2, char_length(one.value) - 2)) WHEN one.value = 'null' THEN NULL ELSE one.value END";
        return Sql.Let(
            "sorted",
            $"array_sort(transform({members}, (one, place) -> named_struct('name', one.name, 'place', place, 'value', {value})))",
            "map_from_entries(transform(filter(sorted, (one, place) -> one.value IS NOT NULL AND NOT (one.name <=> get(sorted, place + 1).name)), one -> named_struct('key', one.name, 'value', one.value)))");
    }

    // The first thing wrong with a member, in the order in which our parser looks; null when nothing is.
    private string MemberProblem(string received)
    {
        var rules = new List<string> { Rule($"contains(one.quoted, '\\\\') AND NOT one.quoted RLIKE {Sql.Text(JsonTokens.WholeCharacters)}", "NULL", Sql.Text(Half)) };
        foreach (var kind in columns.GroupBy(one => one.Kind))
        {
            rules.Add($"WHEN one.name IN ({Sql.List(kind.Select(one => one.Column.Name))}) THEN {ColumnProblem(kind.Key, received)}");
        }

        rules.Add(Rule("one.name = ''", "''", "'a field has an empty name'"));
        rules.Add(Rule("contains(one.name, '\\0')", Cut("one.name"), "'a field\\'s name contains a NUL character'"));
        rules.Add(Rule($"{IsEscaped} AND NOT one.value RLIKE {Sql.Text(JsonTokens.WholeCharacters)}", "NULL", Sql.Text(Half)));
        rules.Add(Rule($"{IsEscaped} AND contains({Unescaped("one.value")}, '\\0')", Cut("one.name"), Sql.Text(Nul)));
        return $"CASE {string.Join("\n  ", rules)} END";
    }

    private const string IsEscaped = "one.first = '\"' AND contains(one.value, '\\\\')";

    private static string Rule(string condition, string field, string reason) => $"WHEN {condition} THEN {Problem(field, reason)}";

    private static string Problem(string field, string reason) => $"named_struct('field', CAST({field} AS STRING), 'reason', {reason})";

    private string ColumnProblem(ColumnKind kind, string received)
    {
        var expected = $"must be {Problems.Expected(kind)}, not ";
        string[] rules = kind switch
        {
            ColumnKind.Text =>
            [
                Own("one.first IN ('{', '[')", $"concat({Sql.Text(expected)}, {KindOf("one.first")})"),
                Own($"{IsEscaped} AND NOT one.value RLIKE {Sql.Text(JsonTokens.WholeCharacters)}", Sql.Text(Half)),
                Own($"{IsEscaped} AND contains({Unescaped("one.value")}, '\\0')", Sql.Text(Nul)),
                Own(
                    $"octet_length(one.value) > {limits.MaxFieldBytes} AND {TextLength} > {limits.MaxFieldBytes}",
                    string.Create(CultureInfo.InvariantCulture, $"concat('is ', format_number({TextLength}, 0), ' bytes long; at most {limits.MaxFieldBytes:N0} are kept')")),
            ],
            ColumnKind.Int32 => [Own($"NOT {IsNumber} OR {NumberSql.Whole32("one.value")} IS NULL", $"concat({Sql.Text(expected)}, {Found})")],
            ColumnKind.Int64 => [Own($"NOT {IsNumber} OR {NumberSql.Whole64("one.value")} IS NULL", $"concat({Sql.Text(expected)}, {Found})")],
            ColumnKind.Double =>
            [
                Own($"NOT {IsNumber}", $"concat({Sql.Text(expected)}, {Found})"),
                Own($"NOT {NumberSql.IsFinite("try_cast(one.value AS DOUBLE)")}", $"concat('is too large for a double: ', {Found})"),
            ],
            ColumnKind.Boolean => [Own("NOT one.value IN ('true', 'false')", $"concat({Sql.Text(expected)}, {Found})")],
            _ =>
            [
                Own($"{IsEscaped} AND NOT one.value RLIKE {Sql.Text(JsonTokens.WholeCharacters)}", Sql.Text(Half)),
                "ELSE " + Sql.Let(
                    "micros", Instant,
                    $"CASE {Own("micros IS NULL", $"concat({Sql.Text(expected)}, {Found})")} ELSE "
                    + Sql.Let("misfit", InstantSql.Misfit("micros", received, limits.MaxAhead), $"CASE {Own("misfit IS NOT NULL", "misfit")} END") + " END"),
            ],
        };
        return $"CASE WHEN one.value = 'null' THEN NULL {string.Join(' ', rules)} END";

        static string Own(string condition, string reason) => Rule(condition, "one.name", reason);
    }

    private const string IsNumber = "left(one.value, 1) IN ('-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9')";

    private static string TextLength => $"IF(one.first = '\"', IF(contains(one.value, '\\\\'), octet_length({Unescaped("one.value")}), octet_length(one.value) - 2), octet_length(one.value))";

    private static string Instant =>
        $"CASE WHEN one.first = '\"' THEN {Sql.Let("instant", $"IF(contains(one.value, '\\\\'), {Unescaped("one.value")}, substring(one.value, 2, char_length(one.value) - 2))", InstantSql.OfText("instant"))} WHEN {IsNumber} THEN {InstantSql.OfNumber("one.value")} END";

    private static string Found =>
        $"CASE WHEN one.first = '\"' THEN concat('the text \"', {Cut("substring(one.value, 2, char_length(one.value) - 2)")}, '\"') WHEN one.first IN ('{{', '[') THEN {KindOf("one.first")} ELSE {Cut("one.value")} END";

    // As much of a text as is shown: at most 48 bytes, which are 12 to 48 characters.
    private static string Cut(string text) =>
        $"IF(octet_length({text}) <= 48, {text}, concat(left({text}, get(filter(sequence(48, 12, -1), length -> octet_length(left({text}, length)) <= 48), 0)), '…'))";
}
