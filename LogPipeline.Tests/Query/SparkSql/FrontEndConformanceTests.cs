using LogPipeline.Core.Query;
using LogPipeline.Core.Query.SparkSql.Editor;
using LogPipeline.Core.Query.SparkSql.Functions;
using LogPipeline.Core.Query.SparkSql.Syntax;
using LogPipeline.Tests.Query.Conformance;
using Xunit;

namespace LogPipeline.Tests.Query.SparkSql;

/// <summary>Names, types and faults of every question of <c>data/spark-sql</c>, without running any.</summary>
public sealed class FrontEndConformanceTests
{
    private static IReadOnlyList<SparkAnswer> Answers()
    {
        if (SparkTable.Data is not { } data)
        {
            Assert.Skip("LOGPIPELINE_TESTDATA is not set");
            return [];
        }

        return SparkAnswer.Load(Path.Combine(data, "queries.json"));
    }

    [Fact]
    public void What_is_typed_is_typed_as_spark_types_it()
    {
        var faults = new List<string>();
        var typed = 0;
        foreach (var spark in Answers())
        {
            try
            {
                var columns = SampleTable.Analyze(spark.Sql).Columns.Select(column => (column.Name, Type: column.Type.SimpleString)).ToList();
                typed++;
                if (spark.Columns is not null && !columns.SequenceEqual(spark.Columns))
                {
                    faults.Add($"{spark.Id}: {string.Join(", ", columns)}; Spark: {string.Join(", ", spark.Columns)}");
                }
            }
            catch (QueryException failure) when (failure.ErrorClass == QueryException.UnsupportedClass)
            {
            }
            catch (QueryException failure)
            {
                if (!spark.IsError || (spark.ErrorClass is not null && spark.ErrorClass != failure.ErrorClass))
                {
                    faults.Add($"{spark.Id}: {failure.ErrorClass} {failure.Message}; Spark: {spark.ErrorClass ?? "rows"}");
                }
            }
        }

        Assert.True(faults.Count == 0, string.Join("\n", faults));
        Assert.True(typed > 200, $"only {typed} typed");
    }

    [Fact]
    public void Formatting_keeps_every_token_and_is_stable()
    {
        foreach (var spark in Answers())
        {
            var formatted = SqlEditorService.Format(spark.Sql);
            Assert.Equal(formatted, SqlEditorService.Format(formatted));
            if (formatted != spark.Sql)
            {
                Assert.Equal(Words(spark.Sql), Words(formatted), StringComparer.OrdinalIgnoreCase);
            }
        }

        static IEnumerable<string> Words(string sql) => Lexer.Read(sql).Select(token => token.Text);
    }

    [Fact]
    public void At_least_sixty_functions_are_answered_and_each_is_described()
    {
        Assert.True(FunctionLibrary.All.Count >= 60, $"{FunctionLibrary.All.Count} functions");
        Assert.All(FunctionLibrary.All, function =>
        {
            Assert.NotEmpty(function.Signature);
            Assert.EndsWith(".", function.Description, StringComparison.Ordinal);
            Assert.True(function.Name.Contains(' ', StringComparison.Ordinal) || SparkFunctionIndex.Contains(function.Name), $"{function.Name} is no function of Spark");
        });
    }
}
