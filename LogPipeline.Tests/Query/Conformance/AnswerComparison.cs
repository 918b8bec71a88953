using System.Text.Json;
using System.Text.Json.Nodes;
using LogPipeline.Core.Query;
using LogPipeline.Spark.Query;

namespace LogPipeline.Tests.Query.Conformance;

/// <summary>How our answer to one question relates to Spark's.</summary>
internal enum Verdict
{
    Equal,

    /// <summary>Both raise the same class of error.</summary>
    ErrorEqual,

    /// <summary>We name what we do not answer: never wrong.</summary>
    Refused,

    /// <summary>Another answer than Spark's: never allowed.</summary>
    Different,
}

/// <summary>Compares one answer.</summary>
internal static class AnswerComparison
{
    public static async Task<(Verdict Verdict, string Note)> RunAsync(IQueryEngine engine, SparkAnswer spark, CancellationToken cancellationToken)
    {
        QueryResult ours;
        try
        {
            ours = await engine.ExecuteAsync(new QueryRequest(spark.Sql, 100_000), cancellationToken);
        }
        catch (QueryException failure)
        {
            return failure.ErrorClass is QueryException.UnsupportedClass or StatementCheck.RefusedClass ? (Verdict.Refused, failure.Message)
                : spark.IsError && (spark.ErrorClass is null || spark.ErrorClass == failure.ErrorClass) ? (Verdict.ErrorEqual, "")
                : (Verdict.Different, $"error {failure.ErrorClass}: {failure.Message}; Spark: {spark.ErrorClass ?? "rows"}");
        }

        if (spark.IsError)
        {
            return (Verdict.Different, $"{ours.RowCount} rows; Spark: error {spark.ErrorClass}");
        }

        var columns = ours.Columns.Select(column => (column.Name, Type: column.Type.SimpleString)).ToArray();
        if (!columns.SequenceEqual(spark.Columns!))
        {
            return (Verdict.Different, $"columns {string.Join(", ", columns)}; Spark: {string.Join(", ", spark.Columns!)}");
        }

        var rows = CanonicalValue.Rows(ours);
        if (rows.Count != spark.Rows!.Count)
        {
            return (Verdict.Different, $"{rows.Count} rows; Spark: {spark.Rows.Count}");
        }

        return spark.Ordered ? InOrder(rows, spark) : AsMultiset(rows, spark);
    }

    private static (Verdict Verdict, string Note) InOrder(List<JsonNode?[]> rows, SparkAnswer spark)
    {
        for (var index = 0; index < rows.Count; index++)
        {
            if (!RowEqual(rows[index], spark.Rows![index], spark.Approx))
            {
                return (Verdict.Different, $"row {index}: {Print(rows[index])}; Spark: {Cut(spark.Rows[index].GetRawText())}");
            }
        }

        return (Verdict.Equal, "");
    }

    private static (Verdict Verdict, string Note) AsMultiset(List<JsonNode?[]> rows, SparkAnswer spark)
    {
        var left = rows.ToList();
        foreach (var expected in spark.Rows!)
        {
            var index = left.FindIndex(row => RowEqual(row, expected, spark.Approx));
            if (index < 0)
            {
                return (Verdict.Different, $"no row like {Cut(expected.GetRawText())}; ours: {(left.Count > 0 ? Print(left[0]) : "none left")}");
            }

            left.RemoveAt(index);
        }

        return (Verdict.Equal, "");
    }

    private static bool RowEqual(JsonNode?[] ours, JsonElement spark, bool approximate) =>
        ours.Length == spark.GetArrayLength() && ours.Zip(spark.EnumerateArray()).All(pair => CanonicalValue.Equal(pair.First, pair.Second, approximate));

    private static string Print(JsonNode?[] row) => Cut("[" + string.Join(",", row.Select(value => value?.ToJsonString() ?? "null")) + "]");

    private static string Cut(string text) => text.Length <= 300 ? text : text[..300] + "…";
}
