using LogPipeline.Core.Query.DuckDb.Engine;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.DuckDb.Generation;

/// <summary>Functions of arrays, maps and structs.</summary>
internal static class CollectionTemplates
{
    public static IReadOnlyDictionary<string, Func<CallParts, string>> All { get; } = new Dictionary<string, Func<CallParts, string>>(StringComparer.Ordinal)
    {
        ["array"] = call => call.As($"[{string.Join(", ", call.Arguments)}]"),
        ["struct"] = Struct,
        ["array_size"] = call => call.As($"len({call[0]})"),
        ["map_size"] = call => call.As($"cardinality({call[0]})"),
        ["array_reverse"] = call => $"list_reverse({call[0]})",
        ["array_get"] = Get,
        ["array_get_or_null"] = call => $"CASE WHEN {call[1]} < 0 THEN NULL ELSE {call[0]}[{call[1]} + 1] END",
        ["element_at"] = ElementAt,
        ["array_contains"] = call => $"CASE WHEN {call[0]} IS NULL OR {call[1]} IS NULL THEN NULL WHEN list_contains({call[0]}, {call[1]}) THEN TRUE WHEN list_count({call[0]}) < len({call[0]}) THEN NULL ELSE FALSE END",
        ["array_join"] = Join,
        ["sort_array"] = call => $"list_sort({call[0]}, {(call.Flag(1) ? "'ASC', 'NULLS FIRST'" : "'DESC', 'NULLS LAST'")})",
        ["map_get"] = call => $"map_extract_value({call[0]}, {call[1]})",
        ["map_keys"] = call => $"map_keys({call[0]})",
        ["map_values"] = call => $"map_values({call[0]})",
        ["map_contains_key"] = call => $"list_contains(map_keys({call[0]}), {call[1]})",
    };

    private static string Struct(CallParts call)
    {
        var row = (StructType)call.Call.Type;
        if (row.Fields.DistinctBy(field => field.Name, StringComparer.OrdinalIgnoreCase).Count() < row.Fields.Count)
        {
            throw ExpressionWriter.Refuse("A struct with equal names");
        }

        return $"struct_pack({string.Join(", ", row.Fields.Select((field, index) => $"{DuckDbSql.Identifier(field.Name)} := {call[index]}"))})";
    }

    private static string Get(CallParts call)
    {
        var message = $"'[INVALID_ARRAY_INDEX] The index ' || {call[1]} || ' is out of bounds. The array has ' || len({call[0]}) || ' elements. Use the SQL function `get()` to tolerate accessing element at invalid index and return NULL instead. SQLSTATE: 22003'";
        return $"CASE WHEN {call[0]} IS NULL OR {call[1]} IS NULL THEN NULL WHEN {call[1]} < 0 OR {call[1]} >= len({call[0]}) THEN error({message}) ELSE {call[0]}[{call[1]} + 1] END";
    }

    private static string ElementAt(CallParts call)
    {
        var zero = SqlText.Raise("INVALID_INDEX_OF_ZERO", "22003", "The index 0 is invalid. An index shall be either < 0 or > 0 (the first element has index 1).");
        var message = $"'[INVALID_ARRAY_INDEX_IN_ELEMENT_AT] The index ' || {call[1]} || ' is out of bounds. The array has ' || len({call[0]}) || ' elements. Use `try_element_at` to tolerate accessing element at invalid index and return NULL instead. SQLSTATE: 22003'";
        return $"CASE WHEN {call[0]} IS NULL OR {call[1]} IS NULL THEN NULL WHEN {call[1]} = 0 THEN {zero} WHEN abs({call[1]}) > len({call[0]}) THEN error({message}) ELSE {call[0]}[{call[1]}] END";
    }

    private static string Join(CallParts call)
    {
        var shown = call.Arguments.Length == 3 ? $"list_transform({call[0]}, lambda e: coalesce(e, {call[2]}))" : $"list_filter({call[0]}, lambda e: e IS NOT NULL)";
        return $"CASE WHEN {string.Join(" OR ", call.Arguments.Select(argument => $"{argument} IS NULL"))} THEN NULL ELSE coalesce(array_to_string({shown}, {call[1]}), '') END";
    }
}
