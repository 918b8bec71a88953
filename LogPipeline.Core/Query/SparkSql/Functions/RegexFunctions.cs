using LogPipeline.Core.Query.SparkSql.Analysis;
using LogPipeline.Core.Query.SparkSql.Plan;
using LogPipeline.Core.Types;
using static LogPipeline.Core.Query.SparkSql.Functions.FunctionKind;

namespace LogPipeline.Core.Query.SparkSql.Functions;

/// <summary>Functions with Java regular expressions.</summary>
internal static class RegexFunctions
{
    private static readonly DataType _text = DataTypes.String;

    public static IReadOnlyList<FunctionDefinition> All { get; } =
    [
        new("rlike", Scalar, 2, 2, "rlike(text, regexp)", "Whether a regular expression is found.", call => Make(call, "rlike", DataTypes.Boolean)) { Aliases = ["regexp_like", "regexp"] },
        new("regexp_extract", Scalar, 2, 3, "regexp_extract(text, regexp[, group])", "What a group of the first match holds; '' without a match.", call => Make(call, "regexp_extract", _text, call.Count > 2 ? call.Int(2) : Build.Whole(1))),
        new("regexp_extract_all", Scalar, 2, 3, "regexp_extract_all(text, regexp[, group])", "What a group of each match holds.", call => Make(call, "regexp_extract_all", new ArrayType(_text), call.Count > 2 ? call.Int(2) : Build.Whole(1))),
        new("regexp_replace", Scalar, 3, 4, "regexp_replace(text, regexp, replacement)", "Each match replaced; $1 stands for a group.", call => call.Count == 4 && call.Constant(3) != 1 ? throw call.Refuse("regexp_replace from a position") : Make(call, "regexp_replace", _text, call.Text(2))),
        new("regexp_count", Scalar, 2, 2, "regexp_count(text, regexp)", "How often it is found.", call => Make(call, "regexp_count", DataTypes.Integer)),
        new("regexp_instr", Scalar, 2, 3, "regexp_instr(text, regexp)", "Where it is first found, from 1.", call => call.Count == 3 ? throw call.Refuse("regexp_instr with a group") : Make(call, "regexp_instr", DataTypes.Integer)),
        new("regexp_substr", Scalar, 2, 2, "regexp_substr(text, regexp)", "The first match; null without one.", call => Make(call, "regexp_substr", _text)),
        new("split", Scalar, 2, 3, "split(text, regexp[, limit])", "Parts between matches.", call => Make(call, "split", new ArrayType(_text), call.Count > 2 ? call.Int(2) : Build.Whole(-1)) with { Pretty = $"split({call[0].Pretty}, {call[1].Pretty}, {(call.Count > 2 ? call[2].Pretty : "-1")})" }),
    ];

    private static CallExpression Make(FunctionCall call, string function, DataType type, params IReadOnlyList<TypedExpression> more) =>
        Analyzer.RegexCall(function, [call.Text(0), call.Text(1), .. more], type, Pretty(call, function));

    private static string Pretty(FunctionCall call, string function) => function switch
    {
        "rlike" => $"{(call.Name == "rlike" ? "RLIKE" : call.Name)}({call[0].Pretty}, {call[1].Pretty})",
        "regexp_extract" or "regexp_extract_all" when call.Count == 2 => $"{function}({call[0].Pretty}, {call[1].Pretty}, 1)",
        "regexp_replace" when call.Count == 3 => $"regexp_replace({call[0].Pretty}, {call[1].Pretty}, {call[2].Pretty}, 1)",
        _ => call.Pretty,
    };
}
