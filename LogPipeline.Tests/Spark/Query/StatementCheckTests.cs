using CsCheck;
using LogPipeline.Core.Query;
using LogPipeline.Spark.Query;
using LogPipeline.Tests.Query.Conformance;
using Xunit;

namespace LogPipeline.Tests.Spark.Query;

/// <summary>The wall in front of the session; <see cref="SparkQueryEngineTests"/> shows what real Spark makes of what passes it.</summary>
public sealed class StatementCheckTests
{
    public static TheoryData<string> Hostile => [.. HostileStatements.All];

    public static TheoryData<string> Harmless => [.. HostileStatements.Harmless];

    [Theory]
    [MemberData(nameof(Hostile))]
    public void A_statement_that_does_more_than_read_tables_is_refused(string sql)
    {
        var failure = Assert.Throws<QueryException>(() => StatementCheck.Classify(sql));
        Assert.NotNull(failure.ErrorClass);
    }

    [Theory]
    [MemberData(nameof(Harmless))]
    public void A_statement_that_only_reads_passes(string sql) => _ = StatementCheck.Classify(sql);

    [Fact]
    public void What_the_embedded_engine_answers_passes()
    {
        if (SparkTable.Data is not { } data)
        {
            Assert.Skip("LOGPIPELINE_TESTDATA is not set");
            return;
        }

        var refused = new List<string>();
        foreach (var answer in SparkAnswer.Load(Path.Combine(data, "queries.json")).Where(answer => !answer.IsError))
        {
            try
            {
                _ = StatementCheck.Classify(answer.Sql);
            }
            catch (QueryException failure)
            {
                refused.Add($"{answer.Id}: {failure.Message}");
            }
        }

        Assert.Empty(refused);
    }

    [Fact]
    public void Any_text_is_classified_or_refused()
    {
        string[] pieces =
        [
            "SELECT", "WITH", "FROM", "INSERT", "INTO", "t", "(", ")", ",", ";", "'", "\"", "`", "/*", "*/", "/*+", "--", "\n", "\r", "\\", "AS", "a", "1", ".", "x'", "r'",
            "EXPLAIN", "MAX", "RECURSION", "LEVEL", "RECURSIVE", "USING", "text", "DESCRIBE", "HISTORY", "${", "ſ", "\0", "|>", "e5",
        ];
        Gen.Int[0, pieces.Length - 1].Select(index => pieces[index]).Array[0, 30].Select(words => string.Join(' ', words)).Sample(
            sql =>
            {
                try
                {
                    _ = StatementCheck.Classify(sql);
                    return !sql.Split(' ').Contains("INSERT") || sql.AsSpan().ContainsAny("'\"`-/");
                }
                catch (QueryException)
                {
                    return true;
                }
            },
            iter: TestScale.Of(20_000, 500_000));
    }

    [Theory]
    [InlineData("SELECT 1;\n  DROP TABLE x", 1, 9)]
    [InlineData("WITH a AS (SELECT 1)\nINSERT INTO t SELECT 1", 2, 1)]
    [InlineData("SELECT *\nFROM text.`/x`", 2, 6)]
    [InlineData("DROP TABLE x", 1, 1)]
    public void A_refusal_names_its_place(string sql, int line, int column)
    {
        var failure = Assert.Throws<QueryException>(() => StatementCheck.Classify(sql));
        Assert.Equal((StatementCheck.RefusedClass, line, column), (failure.ErrorClass, failure.Line, failure.Column));
    }
}
