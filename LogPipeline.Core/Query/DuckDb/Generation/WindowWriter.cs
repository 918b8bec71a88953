using LogPipeline.Core.Query.SparkSql.Plan;
using LogPipeline.Core.Types;

namespace LogPipeline.Core.Query.DuckDb.Generation;

/// <summary>Writes window functions.</summary>
internal sealed class WindowWriter(ExpressionWriter expressions, RelationWriter relations)
{
    public string Write(WindowExpression window)
    {
        var parts = new List<string>();
        if (window.Partition.Count > 0)
        {
            parts.Add($"PARTITION BY {string.Join(", ", window.Partition.Select(expressions.Write))}");
        }

        if (window.Order.Count > 0)
        {
            parts.Add($"ORDER BY {relations.Keys(window.Order)}");
        }

        if (window.Frame is not null)
        {
            parts.Add(Frame(window.Frame));
        }

        var over = $" OVER ({string.Join(' ', parts)})";
        if (window.Function is AggregateExpression aggregate)
        {
            if (aggregate.Function.StartsWith("percentile", StringComparison.Ordinal) && window.Order.Count > 0)
            {
                throw ExpressionWriter.Refuse("A percentile over an ordered window");
            }

            var shown = window.IgnoreNulls && aggregate.Function is "first" or "last" ? aggregate with { Function = aggregate.Function + " ignore nulls" } : aggregate;
            return $"({new AggregateWriter(expressions, relations).Write(shown, over)})";
        }

        var call = (CallExpression)window.Function;
        var arguments = call.Arguments.Select(expressions.Write).ToList();
        var nulls = window.IgnoreNulls ? " IGNORE NULLS" : "";
        return call.Function switch
        {
            "row_number" or "rank" or "dense_rank" or "ntile" => SqlText.Cast($"{call.Function}({string.Join(", ", arguments)}){over}", call.Type),
            "percent_rank" or "cume_dist" => $"{call.Function}(){over}",
            "lag" or "lead" => $"{call.Function}({string.Join(", ", arguments)}{nulls}){over}",
            "nth_value" => $"nth_value({string.Join(", ", arguments)}{nulls}){over}",
            _ => throw ExpressionWriter.Refuse($"The function {call.Function} over a window"),
        };
    }

    private static string Frame(WindowFrame frame) =>
        $"{(frame.Rows ? "ROWS" : "RANGE")} BETWEEN {Bound(frame.Low, frame)} AND {Bound(frame.High, frame)}";

    private static string Bound(FrameBound bound, WindowFrame frame)
    {
        var side = bound.Preceding ? "PRECEDING" : "FOLLOWING";
        if (bound.Unbounded)
        {
            return "UNBOUNDED " + side;
        }

        if (bound.Offset == 0)
        {
            return "CURRENT ROW";
        }

        var offset = frame.OffsetType is IntervalType ? $"to_microseconds(CAST({SqlText.Number(bound.Offset)} AS BIGINT))"
            : frame.Rows ? SqlText.Number(bound.Offset)
            : frame.OnDate ? $"to_days(CAST({SqlText.Number(bound.Offset)} AS INTEGER))"
            : SqlText.Number(bound.Offset);
        return $"{offset} {side}";
    }
}
