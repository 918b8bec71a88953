using LogPipeline.Core.Query.SparkSql.Analysis;
using LogPipeline.Core.Query.SparkSql.Plan;
using LogPipeline.Core.Types;
using static LogPipeline.Core.Query.SparkSql.Functions.FunctionKind;

namespace LogPipeline.Core.Query.SparkSql.Functions;

/// <summary>Functions of text.</summary>
internal static class StringFunctions
{
    private static readonly DataType _text = DataTypes.String;

    public static IReadOnlyList<FunctionDefinition> All { get; } =
    [
        Text("upper", "Text in capital letters.", "ucase"),
        Text("lower", "Text in small letters.", "lcase"),
        Text("initcap", "The first letter of each word in capitals, the others small."),
        Text("reverse", "Text, or an array, from its end to its beginning.", resolve: Reverse),
        new("length", Scalar, 1, 1, "length(text)", "Characters of a text, or bytes of a binary.", call => Length(call)) { Aliases = ["len", "char_length", "character_length"] },
        new("octet_length", Scalar, 1, 1, "octet_length(text)", "Bytes of a text in UTF-8, or of a binary.", call => call.Make(call[0].Type == DataTypes.Binary ? "binary_length" : "octet_length", DataTypes.Integer, call[0].Type == DataTypes.Binary ? call[0] : call.Text(0))),
        new("concat", Scalar, 0, int.MaxValue, "concat(a, b, …)", "Joins texts, or arrays; null when one is null.", Concat),
        new("concat_ws", Scalar, 1, int.MaxValue, "concat_ws(separator, a, b, …)", "Joins texts and arrays of texts with a separator, leaving out nulls.", ConcatWs),
        new("substring", Scalar, 2, 3, "substring(text, position[, length])", "A part of a text; positions count from 1, negative ones from the end.", Substring) { Aliases = ["substr"] },
        new("substring_index", Scalar, 3, 3, "substring_index(text, delimiter, count)", "What stands before the count-th delimiter; a negative count counts from the end.", call => call.Make("substring_index", _text, call.Text(0), call.Text(1), call.Int(2))),
        new("split_part", Scalar, 3, 3, "split_part(text, delimiter, part)", "One part of a text between delimiters; negative parts count from the end.", call => call.MakeRaising("split_part", _text, call.Text(0), call.Text(1), call.Int(2))),
        new("left", Scalar, 2, 2, "left(text, length)", "The first characters.", call => call.Make("substring", _text, call.Text(0), Build.Whole(1), call.Int(1))),
        new("right", Scalar, 2, 2, "right(text, length)", "The last characters.", call => call.Make("right", _text, call.Text(0), call.Int(1))),
        new("trim", Scalar, 1, 2, "trim(text)", "Without blanks at both ends.", call => call.Count == 2 ? throw call.Refuse("trim with two arguments") : call.Make("trim", _text, call.Text(0), Blank)),
        new("btrim", Scalar, 1, 2, "btrim(text[, characters])", "Without blanks, or the given characters, at both ends.", call => call.Make("trim", _text, call.Text(0), call.Count > 1 ? call.Text(1) : Blank)),
        Trim("ltrim", "left"),
        Trim("rtrim", "right"),
        TrimFrom("trim from", "trim", "BOTH"),
        TrimFrom("ltrim from", "ltrim", "LEADING"),
        TrimFrom("rtrim from", "rtrim", "TRAILING"),
        new("lpad", Scalar, 2, 3, "lpad(text, length[, pad])", "Filled up or cut on the left to a length.", call => Pad(call, "lpad")),
        new("rpad", Scalar, 2, 3, "rpad(text, length[, pad])", "Filled up or cut on the right to a length.", call => Pad(call, "rpad")),
        new("repeat", Scalar, 2, 2, "repeat(text, times)", "A text several times.", call => call.Make("repeat", _text, call.Text(0), call.Int(1))),
        new("space", Scalar, 1, 1, "space(n)", "So many blanks.", call => call.Make("repeat", _text, Build.Literal(_text, " "), call.Int(0))),
        new("replace", Scalar, 2, 3, "replace(text, search[, replacement])", "Every occurrence replaced.", call => call.Make("replace", _text, call.Text(0), call.Text(1), call.Count > 2 ? call.Text(2) : Build.Literal(_text, "")) with { Pretty = $"replace({call[0].Pretty}, {call[1].Pretty}, {(call.Count > 2 ? call[2].Pretty : "")})" }),
        new("translate", Scalar, 3, 3, "translate(text, from, to)", "Each character of from replaced by the one at its place in to.", call => call.Make("translate", _text, call.Text(0), call.Text(1), call.Text(2))),
        new("instr", Scalar, 2, 2, "instr(text, part)", "Where a part stands, from 1; 0 when it is not there.", call => call.Make("instr", DataTypes.Integer, call.Text(0), call.Text(1))),
        new("locate", Scalar, 2, 3, "locate(part, text[, position])", "Where a part stands from a position on.", Locate) { Aliases = ["position"] },
        new("contains", Scalar, 2, 2, "contains(text, part)", "Whether a text has a part.", call => call.Make("contains", DataTypes.Boolean, call.Text(0), call.Text(1))),
        new("startswith", Scalar, 2, 2, "startswith(text, part)", "Whether a text begins with a part.", call => call.Make("startswith", DataTypes.Boolean, call.Text(0), call.Text(1))),
        new("endswith", Scalar, 2, 2, "endswith(text, part)", "Whether a text ends with a part.", call => call.Make("endswith", DataTypes.Boolean, call.Text(0), call.Text(1))),
        new("ascii", Scalar, 1, 1, "ascii(text)", "Code point of the first character; 0 for an empty text.", call => call.Make("ascii", DataTypes.Integer, call.Text(0))),
        new("chr", Scalar, 1, 1, "chr(n)", "The character of a code modulo 256.", call => call.Make("chr", _text, call.Long(0))) { Aliases = ["char"] },
        new("md5", Scalar, 1, 1, "md5(text)", "MD5 as hexadecimal digits.", call => call.Make("md5", _text, call.Arguments[0].Type == DataTypes.Binary ? call[0] : call.Text(0))),
        new("sha2", Scalar, 2, 2, "sha2(text, bits)", "SHA-256 as hexadecimal digits.", call => call.Constant(1) is 0 or 256 && call[0].Type != DataTypes.Binary ? call.Make("sha256", _text, call.Text(0)) : throw call.Refuse("sha2 with other than 256 bits of text")),
        new("crc32", Scalar, 1, 1, "crc32(text)", "Cyclic redundancy check.", call => call.Make("crc32", DataTypes.Long, call[0].Type == DataTypes.Binary ? call[0] : call.Text(0))),
        new("levenshtein", Scalar, 2, 3, "levenshtein(a, b)", "Edits between two texts.", call => call.Count == 3 ? throw call.Refuse("levenshtein with a threshold") : call.Make("levenshtein", DataTypes.Integer, call.Text(0), call.Text(1))),
        new("soundex", Scalar, 1, 1, "soundex(text)", "Soundex code.", call => call.Make("soundex", _text, call.Text(0))),
        new("url_encode", Scalar, 1, 1, "url_encode(text)", "Encoded for a form.", call => call.Make("url_encode", _text, call.Text(0))),
        new("url_decode", Scalar, 1, 1, "url_decode(text)", "Decoded from a form.", call => call.MakeRaising("url_decode", _text, call.Text(0))),
        new("parse_url", Scalar, 2, 3, "parse_url(url, part[, key])", "HOST, PATH, QUERY, REF, PROTOCOL, FILE, AUTHORITY or USERINFO of an address.", call => call.MakeRaising(call.Count == 2 ? "parse_url" : "parse_url_key", _text, [.. Enumerable.Range(0, call.Count).Select(call.Text)])),
        new("try_parse_url", Scalar, 2, 3, "try_parse_url(url, part[, key])", "As parse_url; null of what is no address.", call => call.Make(call.Count == 2 ? "try_parse_url" : "try_parse_url_key", _text, [.. Enumerable.Range(0, call.Count).Select(call.Text)])),
        new("try_url_decode", Scalar, 1, 1, "try_url_decode(text)", "Decoded from a form; null of what is not encoded so.", call => call.Make("try_url_decode", _text, call.Text(0))),
        new("get_json_object", Scalar, 2, 2, "get_json_object(json, path)", "A value inside JSON text.", call => call.Make("get_json_object", _text, call.Text(0), call.Text(1))),
        new("json_array_length", Scalar, 1, 1, "json_array_length(json)", "Items of a JSON array.", call => call.Make("json_array_length", DataTypes.Integer, call.Text(0))),
        new("format_number", Scalar, 2, 2, "format_number(number, places)", "With thousands separated and so many places.", FormatNumber),
        new("bit_length", Scalar, 1, 1, "bit_length(text)", "Bits of a text in UTF-8.", call => call[0].Type == DataTypes.Binary ? throw call.Refuse("bit_length of binary") : call.Make("bit_length", DataTypes.Integer, call.Text(0))),
    ];

    private static LiteralExpression Blank => Build.Literal(_text, " ");

    private static FunctionDefinition Text(string name, string description, string? alias = null, Func<FunctionCall, TypedExpression>? resolve = null) =>
        new(name, Scalar, 1, 1, $"{name}(text)", description, resolve ?? (call => call.Make(name, _text, call.Text(0)))) { Aliases = alias is null ? [] : [alias] };

    /// <summary><c>ltrim(text)</c> and <c>ltrim(characters, text)</c>.</summary>
    private static FunctionDefinition Trim(string name, string side) =>
        new(name, Scalar, 1, 2, $"{name}([characters, ]text)", $"Without blanks, or the given characters, at the {side} end.", call => call.Count == 1 ? call.Make(name, _text, call.Text(0), Blank) : call.Make(name, _text, call.Text(1), call.Text(0)));

    private static FunctionDefinition TrimFrom(string name, string function, string side) =>
        new(name, Scalar, 2, 2, $"trim({side} characters FROM text)", "Without the given characters.", call => call.Make(function, _text, call.Text(1), call.Text(0)) with { Pretty = $"TRIM({side} {call[0].Pretty} FROM {call[1].Pretty})" });

    private static TypedExpression Reverse(FunctionCall call) =>
        call[0].Type is ArrayType ? call.Make("array_reverse", call[0].Type, call[0]) : call.Make("reverse", _text, call.Text(0));

    private static CallExpression Length(FunctionCall call) =>
        call.Make(call[0].Type == DataTypes.Binary ? "binary_length" : "length", DataTypes.Integer, call[0].Type == DataTypes.Binary ? call[0] : call.Text(0));

    private static TypedExpression Concat(FunctionCall call)
    {
        if (call.Count == 0)
        {
            return Build.Literal(_text, "").Titled("concat()");
        }

        if (call.Arguments.Any(argument => argument.Type is ArrayType) || call.Arguments.All(argument => argument.Type == DataTypes.Binary))
        {
            var type = call.Analyzer.Common("concat", call.Arguments, call.Span, call.Pretty);
            return call.Make("concat", type, [.. call.Arguments.Select(argument => Build.Cast(argument, type))]);
        }

        return call.Make("concat", _text, [.. Enumerable.Range(0, call.Count).Select(call.Text)]);
    }

    private static CallExpression ConcatWs(FunctionCall call)
    {
        var arguments = new List<TypedExpression> { call.Text(0) };
        for (var index = 1; index < call.Count; index++)
        {
            arguments.Add(call[index].Type is ArrayType array
                ? array.Element == _text ? call[index] : throw call.WrongType(index, "STRING")
                : call.Text(index));
        }

        return call.Make("concat_ws", _text, arguments);
    }

    private static CallExpression Substring(FunctionCall call)
    {
        if (call[0].Type == DataTypes.Binary)
        {
            throw call.Refuse("substring of binary");
        }

        return call.Make("substring", _text, call.Text(0), call.Int(1), call.Count > 2 ? call.Int(2) : Build.Whole(int.MaxValue)) is var made && call.Count == 2
            ? made with { Pretty = $"{call.Name}({call[0].Pretty}, {call[1].Pretty}, 2147483647)" }
            : made;
    }

    private static CallExpression Pad(FunctionCall call, string name) =>
        call[0].Type == DataTypes.Binary
            ? throw call.Refuse(name + " of binary")
            : call.Make(name, _text, call.Text(0), call.Int(1), call.Count > 2 ? call.Text(2) : Blank) with { Pretty = $"{name}({call[0].Pretty}, {call[1].Pretty}, {(call.Count > 2 ? call[2].Pretty : " ")})" };

    private static CallExpression Locate(FunctionCall call) =>
        call.Count == 2
            ? call.Make("instr", DataTypes.Integer, call.Text(1), call.Text(0)) with { Pretty = $"{call.Name}({call[0].Pretty}, {call[1].Pretty}, 1)" }
            : call.Make("locate", DataTypes.Integer, call.Text(0), call.Text(1), call.Int(2));

    private static CallExpression FormatNumber(FunctionCall call) =>
        call[1].Type == _text ? throw call.Refuse("format_number with a pattern") : call.Make("format_number", _text, call.Number(0), call.Int(1));
}
