using System.Globalization;
using LogPipeline.Core.Query;
using LogPipeline.Core.Query.Results;
using LogPipeline.Core.Types;

namespace LogPipeline.Web.Components.Query;

/// <summary>The rows that a statement gave, found by their number.</summary>
public sealed class ResultRows
{
    private const int Measured = 100;
    private const int Widest = 64;

    private readonly int[] starts;

    /// <summary>Holds the answer to a statement.</summary>
    public ResultRows(string sql, QueryResult result, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(result);
        Sql = sql;
        Result = result;
        At = at;
        starts = new int[result.Batches.Count];
        for (var batch = 0; batch < starts.Length; batch++)
        {
            starts[batch] = Count;
            Count += result.Batches[batch].Length;
        }
    }

    /// <summary>The statement.</summary>
    public string Sql { get; }

    /// <summary>Its answer.</summary>
    public QueryResult Result { get; }

    /// <summary>When it came.</summary>
    public DateTimeOffset At { get; }

    /// <summary>Rows that were fetched.</summary>
    public int Count { get; }

    /// <summary>The text of a plan, when that is all there is: the answer to EXPLAIN.</summary>
    public string? Plan => Count == 1 && Result.Columns is [{ Name: "plan" } only] && only.Type == DataTypes.String ? Text(0, 0) : null;

    /// <summary>The exact text of a value; null for null.</summary>
    public string? Text(int row, int column)
    {
        var found = Array.BinarySearch(starts, row);
        var batch = found >= 0 ? found : ~found - 1;
        // Empty batches share their start with the next one.
        while (Result.Batches[batch].Length == 0)
        {
            batch++;
        }

        return CellValue.Text(Result.Batches[batch].Column(column), Result.Columns[column].Type, row - starts[batch]);
    }

    /// <summary>Whether values of a column are numbers.</summary>
    public bool IsNumber(int column) => IsNumber(Result.Columns[column].Type);

    /// <summary>Whether values of a column are instants or days.</summary>
    public bool IsTime(int column) => Result.Columns[column].Type.SimpleString is "timestamp" or "timestamp_ntz" or "date";

    /// <summary>Widths of the columns of a table, as CSS: what the first rows need.</summary>
    public string Template()
    {
        var widths = Result.Columns.Select((column, index) =>
        {
            var widest = Math.Max(column.Name.Length + 1, Math.Min(Type(index).Length, 24));
            for (var row = 0; row < Math.Min(Count, Measured); row++)
            {
                widest = Math.Max(widest, Text(row, index)?.Length ?? 4);
            }

            var letters = string.Create(CultureInfo.InvariantCulture, $"calc({Math.Clamp(widest, 5, Widest)}ch + 24px)");
            return index == Result.Columns.Count - 1 && !IsNumber(index) ? $"minmax({letters}, 1fr)" : letters;
        });
        return "56px " + string.Join(' ', widths);
    }

    /// <summary>The type of a column in words.</summary>
    public string Type(int column) => Result.Columns[column].Type.SimpleString is var name && name == "timestamp" ? "timestamp UTC" : name;

    private static bool IsNumber(DataType type) =>
        type.SimpleString is "tinyint" or "smallint" or "int" or "bigint" or "float" or "double" || type.SimpleString.StartsWith("decimal", StringComparison.Ordinal);
}
