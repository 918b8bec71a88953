using LogPipeline.Core.Query.SparkSql.Analysis;
using LogPipeline.Core.Query.SparkSql.Plan;
using LogPipeline.Core.Types;
using static LogPipeline.Core.Query.SparkSql.Functions.FunctionKind;

namespace LogPipeline.Core.Query.SparkSql.Functions;

/// <summary>Functions that choose between values, and conversions called like functions.</summary>
internal static class ConditionFunctions
{
    private static readonly (string Name, DataType Type)[] _casts =
    [
        ("boolean", DataTypes.Boolean), ("tinyint", DataTypes.Byte), ("smallint", DataTypes.Short), ("int", DataTypes.Integer), ("bigint", DataTypes.Long),
        ("float", DataTypes.Float), ("double", DataTypes.Double), ("decimal", new DecimalType(10, 0)), ("string", DataTypes.String), ("binary", DataTypes.Binary),
        ("date", DataTypes.Date), ("timestamp", DataTypes.Timestamp),
    ];

    public static IReadOnlyList<FunctionDefinition> All { get; } =
    [
        new("if", Scalar, 3, 3, "if(condition, a, b)", "a when the condition holds, else b.", call => call.Analyzer.Choice("if", [(call.Want(0, DataTypes.Boolean), call[1])], call[2], call.Span, $"(IF({string.Join(", ", call.Arguments.Select(argument => argument.Pretty))}))")),
        new("coalesce", Scalar, 1, int.MaxValue, "coalesce(a, b, …)", "The first that is not null.", call => Coalesce(call, call.Arguments, "coalesce")),
        new("nvl", Scalar, 2, 2, "nvl(a, b)", "a, or b when a is null.", call => Coalesce(call, call.Arguments, "coalesce")) { Aliases = ["ifnull"] },
        new("nvl2", Scalar, 3, 3, "nvl2(a, b, c)", "b when a is not null, else c.", call => call.Analyzer.Choice("nvl2", [(Test(call, "isnotnull"), call[1])], call[2], call.Span, call.Pretty)),
        new("nullif", Scalar, 2, 2, "nullif(a, b)", "Null when a equals b, else a.", call => call.Analyzer.Choice("nullif", [(call.Analyzer.Binary("=", call[0], call[1], call.Span), Build.Literal(call[0].Type, null))], call[0], call.Span, call.Pretty)),
        new("nullifzero", Scalar, 1, 1, "nullifzero(n)", "Null when n is 0.", call => call.Analyzer.Choice("nullifzero", [(call.Analyzer.Binary("=", call[0], Build.Whole(0), call.Span), Build.Literal(call[0].Type, null))], call[0], call.Span, call.Pretty)),
        new("zeroifnull", Scalar, 1, 1, "zeroifnull(n)", "0 when n is null.", call => Coalesce(call, [call[0], Build.Whole(0)], "coalesce")),
        new("isnull", Scalar, 1, 1, "isnull(a)", "Whether a is null.", call => Test(call, "isnull") with { Pretty = $"({call[0].Pretty} IS NULL)" }),
        new("isnotnull", Scalar, 1, 1, "isnotnull(a)", "Whether a is not null.", call => Test(call, "isnotnull") with { Pretty = $"({call[0].Pretty} IS NOT NULL)" }),
        new("typeof", Scalar, 1, 1, "typeof(a)", "The type's name.", call => Build.Literal(DataTypes.String, call[0].Type.SimpleString) with { Pretty = call.Pretty }),
        new("current_database", Scalar, 0, 0, "current_database()", "The schema that names without one mean.", call => Build.Literal(DataTypes.String, "default") with { Pretty = "current_schema()" }) { Aliases = ["current_schema"] },
        new("current_catalog", Scalar, 0, 0, "current_catalog()", "The catalog.", call => Build.Literal(DataTypes.String, "spark_catalog") with { Pretty = call.Pretty }),
        .. _casts.Select(cast => new FunctionDefinition(cast.Name, Scalar, 1, 1, $"{cast.Name}(a)", $"a as {cast.Type.SimpleString}.", call => ExplicitCast(call, cast.Type))),
    ];

    private static CallExpression Test(FunctionCall call, string function) => call.Make(function, DataTypes.Boolean, call[0]);

    private static TypedExpression ExplicitCast(FunctionCall call, DataType type) =>
        Coercion.CanCast(call[0].Type, type)
            ? Build.Cast(call[0], type) with { Pretty = call[0] is LiteralExpression or ColumnExpression or CallExpression ? $"CAST({call[0].Pretty} AS {PrettyText.Of(type)})" : call.Pretty }
            : throw call.Analyzer.Mismatch(call.Span, "CAST_WITHOUT_SUGGESTION", $"CAST({call[0].Pretty} AS {PrettyText.Of(type)})", $"cannot cast \"{PrettyText.Of(call[0].Type)}\" to \"{PrettyText.Of(type)}\"");

    private static CallExpression Coalesce(FunctionCall call, IReadOnlyList<TypedExpression> values, string function)
    {
        var type = call.Analyzer.Common(function, values, call.Span, call.Pretty);
        return new CallExpression("coalesce", [.. values.Select(value => Build.Cast(value, type))], type) { Pretty = call.Pretty };
    }
}
