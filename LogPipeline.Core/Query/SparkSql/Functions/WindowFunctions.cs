using LogPipeline.Core.Query.SparkSql.Analysis;
using LogPipeline.Core.Query.SparkSql.Plan;
using LogPipeline.Core.Types;
using static LogPipeline.Core.Query.SparkSql.Functions.FunctionKind;

namespace LogPipeline.Core.Query.SparkSql.Functions;

/// <summary>Functions that need OVER with an order.</summary>
internal static class WindowFunctions
{
    public static IReadOnlyList<FunctionDefinition> All { get; } =
    [
        Rank("row_number", DataTypes.Integer, "Number of the row in its partition."),
        Rank("rank", DataTypes.Integer, "Rank with gaps."),
        Rank("dense_rank", DataTypes.Integer, "Rank without gaps."),
        Rank("percent_rank", DataTypes.Double, "Rank between 0 and 1."),
        Rank("cume_dist", DataTypes.Double, "Share of rows up to this one."),
        new("ntile", Window, 1, 1, "ntile(n) OVER (…)", "Which of n equal parts the row is in.", call => call.Constant(0) is > 0 ? call.Make("ntile", DataTypes.Integer, call.Long(0)) : throw call.Refuse("ntile of this number")),
        Shift("lag", "The value some rows before."),
        Shift("lead", "The value some rows after."),
        new("nth_value", Window, 2, 3, "nth_value(a, n) OVER (…)", "The n-th value of the frame.", call => call.Count == 2 && call.Constant(1) is > 0 ? call.Make("nth_value", call[0].Type, call[0], call.Long(1)) : throw call.Refuse("nth_value of this number")),
    ];

    private static FunctionDefinition Rank(string name, DataType type, string description) =>
        new(name, Window, 0, 0, $"{name}() OVER (…)", description, call => call.Make(name, type) with { Pretty = $"{(name is "rank" or "dense_rank" or "percent_rank" ? name.ToUpperInvariant() : name)}()" });

    private static FunctionDefinition Shift(string name, string description) =>
        new(name, Window, 1, 3, $"{name}(a[, rows[, default]]) OVER (…)", description, call =>
        {
            var rows = call.Count > 1 ? call.Constant(1) ?? throw call.Refuse($"{name} by a computed number of rows") : 1;
            var otherwise = call.Count > 2 ? call[2] : Build.Literal(call[0].Type, null);
            var type = call[0].Type;
            otherwise = otherwise.Type.Equals(type) ? otherwise : Coercion.CanImplicitly(otherwise.Type, type) ? Build.Cast(otherwise, type) : throw call.Refuse($"{name} with a default of another type");
            return call.Make(name, type, call[0], Build.Literal(DataTypes.Long, rows), otherwise) with { Pretty = $"{name}({call[0].Pretty}, {rows}, {(call.Count > 2 ? call[2].Pretty : "NULL")})" };
        });
}
