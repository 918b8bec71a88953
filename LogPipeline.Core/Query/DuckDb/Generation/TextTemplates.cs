using LogPipeline.Core.Query.DuckDb.Functions;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.DuckDb.Generation;

/// <summary>Functions of text.</summary>
internal static class TextTemplates
{
    public static IReadOnlyDictionary<string, Func<CallParts, string>> All { get; } = new Dictionary<string, Func<CallParts, string>>(StringComparer.Ordinal)
    {
        ["upper"] = call => Plain(SparkFunctionNames.Upper, call),
        ["lower"] = call => Plain(SparkFunctionNames.Lower, call),
        ["initcap"] = call => Plain(SparkFunctionNames.InitCap, call),
        ["reverse"] = call => Plain(SparkFunctionNames.Reverse, call),
        ["length"] = call => call.As($"length({call[0]})"),
        ["octet_length"] = call => call.As($"strlen({call[0]})"),
        ["binary_length"] = call => call.As($"octet_length({call[0]})"),
        ["bit_length"] = call => call.As($"(strlen({call[0]}) * 8)"),
        ["concat"] = call => call.As($"({string.Join(" || ", call.Arguments)})"),
        ["concat_ws"] = ConcatWs,
        ["substring"] = Substring,
        ["substring_index"] = call => Plain(SparkFunctionNames.SubstringIndex, call),
        ["split_part"] = call => Plain(SparkFunctionNames.SplitPart, call),
        ["right"] = call => $"CASE WHEN {call[1]} <= 0 THEN '' ELSE right({call[0]}, {call[1]}) END",
        ["trim"] = call => $"trim({call[0]}, {call[1]})",
        ["ltrim"] = call => $"ltrim({call[0]}, {call[1]})",
        ["rtrim"] = call => $"rtrim({call[0]}, {call[1]})",
        ["lpad"] = call => Plain(SparkFunctionNames.Lpad, call),
        ["rpad"] = call => Plain(SparkFunctionNames.Rpad, call),
        ["repeat"] = call => $"CASE WHEN {call[1]} <= 0 THEN CASE WHEN {call[0]} IS NULL THEN NULL ELSE '' END ELSE repeat({call[0]}, {call[1]}) END",
        ["replace"] = call => $"CASE WHEN {call[1]} = '' THEN {call[0]} ELSE replace({call[0]}, {call[1]}, {call[2]}) END",
        ["translate"] = call => $"translate({call[0]}, {call[1]}, {call[2]})",
        ["instr"] = call => call.As($"CASE WHEN {call[1]} = '' THEN CASE WHEN {call[0]} IS NULL THEN NULL ELSE 1 END ELSE instr({call[0]}, {call[1]}) END"),
        ["locate"] = Locate,
        ["contains"] = call => $"contains({call[0]}, {call[1]})",
        ["startswith"] = call => $"starts_with({call[0]}, {call[1]})",
        ["endswith"] = call => $"suffix({call[0]}, {call[1]})",
        ["ascii"] = call => call.As($"CASE WHEN {call[0]} = '' THEN 0 ELSE unicode({call[0]}) END"),
        ["chr"] = call => $"CASE WHEN {call[0]} < 0 THEN '' ELSE chr(CAST({call[0]} % 256 AS INTEGER)) END",
        ["md5"] = call => $"md5({call[0]})",
        ["sha256"] = call => $"sha256({call[0]})",
        ["crc32"] = call => $"{SparkFunctionNames.Crc32}({(call.TypeOf(0) == DataTypes.Binary ? call[0] : $"encode({call[0]})")})",
        ["levenshtein"] = call => Plain(SparkFunctionNames.Levenshtein, call),
        ["soundex"] = call => Plain(SparkFunctionNames.Soundex, call),
        ["url_encode"] = call => Plain(SparkFunctionNames.UrlEncode, call),
        ["url_decode"] = call => CastWriter.Checked(SparkFunctionNames.TryUrlDecode, SparkFunctionNames.UrlDecode, call[0], "", false),
        ["try_url_decode"] = call => Plain(SparkFunctionNames.TryUrlDecode, call),
        ["parse_url"] = call => Url(SparkFunctionNames.TryParseUrl, call),
        ["try_parse_url"] = call => Plain(SparkFunctionNames.TryParseUrl, call),
        ["try_parse_url_key"] = call => Plain(SparkFunctionNames.TryParseUrlKey, call),
        ["parse_url_key"] = call => Url(SparkFunctionNames.TryParseUrlKey, call),
        ["get_json_object"] = call => Plain(SparkFunctionNames.GetJsonObject, call),
        ["json_array_length"] = call => Plain(SparkFunctionNames.JsonArrayLength, call),
        ["format_number"] = call => $"{SparkFunctionNames.FormatNumber}({(call.TypeOf(0) == DataTypes.Double || call.TypeOf(0) == DataTypes.Float ? $"CAST({call[0]} AS DOUBLE)" : CastWriter.Write(call[0], call.TypeOf(0), DataTypes.String, false))}, {call[1]})",
        ["hex"] = call => $"hex({call[0]})",
        ["like"] = call => $"({call[0]} LIKE {call[1]} ESCAPE {call[2]})",
        ["ilike"] = ILike,
        ["like_pattern"] = call => Plain(SparkFunctionNames.Like, call),
        ["rlike"] = call => Plain(SparkFunctionNames.RegexpLike, call),
        ["regexp_extract"] = call => Plain(SparkFunctionNames.RegexpExtract, call),
        ["regexp_extract_all"] = call => Plain(SparkFunctionNames.RegexpExtractAll, call),
        ["regexp_replace"] = call => Plain(SparkFunctionNames.RegexpReplace, call),
        ["regexp_count"] = call => Plain(SparkFunctionNames.RegexpCount, call),
        ["regexp_instr"] = call => Plain(SparkFunctionNames.RegexpInstr, call),
        ["regexp_substr"] = call => Plain(SparkFunctionNames.RegexpSubstr, call),
        ["split"] = call => Plain(SparkFunctionNames.Split, call),
    };

    public static string Plain(string function, CallParts call) => $"{function}({string.Join(", ", call.Arguments)})";

    private static string Url(string function, CallParts call) =>
        $"CASE WHEN NOT {SparkFunctionNames.IsUrl}({call[0]}) THEN error('[INVALID_URL] The url is invalid: ' || {call[0]} || '. Use `try_parse_url` to tolerate invalid URL and return NULL instead. SQLSTATE: 22P02') ELSE {Plain(function, call)} END";

    /// <summary>DuckDB where positions are constants that mean the same, C# elsewhere.</summary>
    private static string Substring(CallParts call) => (call.Constant(1), call.Constant(2)) switch
    {
        ( >= 1, int.MaxValue) => $"substring({call[0]}, {call[1]})",
        ( >= 1, > 0) => $"substring({call[0]}, {call[1]}, {call[2]})",
        _ => Plain(SparkFunctionNames.Substring, call),
    };

    /// <summary>Both sides in small letters, as Spark compares; only for patterns of ASCII, whose letters both map alike.</summary>
    private static string ILike(CallParts call) =>
        call.Text(1) is { } pattern && System.Text.Ascii.IsValid(pattern)
            ? $"({SparkFunctionNames.Lower}({call[0]}) LIKE {SqlText.Text(pattern.ToLowerInvariant())} ESCAPE {call[2]})"
            : throw ExpressionWriter.Refuse("ILIKE with this pattern");

    private static string ConcatWs(CallParts call)
    {
        if (call.Arguments.Length == 1)
        {
            return $"CASE WHEN {call[0]} IS NULL THEN NULL ELSE '' END";
        }

        var items = call.Arguments.Select((argument, index) => (argument, index)).Skip(1).ToList();
        if (items.TrueForAll(item => call.TypeOf(item.index) is not ArrayType))
        {
            return Plain("concat_ws", call);
        }

        var lists = items.Select(item => call.TypeOf(item.index) is ArrayType ? $"coalesce({item.argument}, CAST([] AS VARCHAR[]))" : $"[{item.argument}]");
        return $"CASE WHEN {call[0]} IS NULL THEN NULL ELSE coalesce(array_to_string(list_filter({string.Join(" || ", lists)}, lambda e: e IS NOT NULL), {call[0]}), '') END";
    }

    private static string Locate(CallParts call)
    {
        if (call.Constant(2) is not { } position)
        {
            throw ExpressionWriter.Refuse("locate from a computed position");
        }

        var found = $"instr(substring({call[1]}, {call[2]}), {call[0]})";
        return position < 1
            ? $"CASE WHEN {call[0]} IS NULL OR {call[1]} IS NULL THEN NULL ELSE CAST(0 AS INTEGER) END"
            : call.As($"CASE WHEN {call[0]} = '' THEN CASE WHEN {call[1]} IS NULL THEN NULL ELSE 1 END WHEN {found} = 0 THEN 0 ELSE {found} + {SqlText.Number(position - 1)} END");
    }
}
