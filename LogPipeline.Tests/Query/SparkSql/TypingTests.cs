using Xunit;

namespace LogPipeline.Tests.Query.SparkSql;

/// <summary>Names and types as Spark 4.2 gives them.</summary>
public sealed class TypingTests
{
    [Theory]
    [InlineData("count(*)", "count(1): bigint")]
    [InlineData("avg(response_time)", "avg(response_time): double")]
    [InlineData("status + 1", "(status + 1): int")]
    [InlineData("ID", "ID: bigint")]
    [InlineData("geo.Country", "Country: string")]
    [InlineData("tags[0]", "tags[0]: string")]
    [InlineData("CAST(status AS STRING)", "CAST(status AS STRING): string")]
    [InlineData("status / 2", "(status / 2): double")]
    [InlineData("status DIV 2", "(status div 2): bigint")]
    [InlineData("level = 5", "(level = 5): boolean")]
    [InlineData("CASE WHEN status > 400 THEN 'bad' ELSE level END", "CASE WHEN (status > 400) THEN bad ELSE level END: string")]
    public void A_column_without_an_alias_is_named_by_its_text(string expression, string column) => Assert.Equal(column, SampleTable.Column(expression));

    [Theory]
    [InlineData("1.0 / 3", "decimal(7,6)")]
    [InlineData("cost * 2", "decimal(12,3)")]
    [InlineData("cost / 3", "decimal(13,6)")]
    [InlineData("cost + id", "decimal(24,3)")]
    [InlineData("cost % 1", "decimal(4,3)")]
    [InlineData("sum(cost)", "decimal(20,3)")]
    [InlineData("avg(cost)", "decimal(14,7)")]
    [InlineData("sum(cost) / count(*)", "decimal(38,21)")]
    [InlineData("ceil(1.2)", "decimal(2,0)")]
    [InlineData("round(1234.5678, 2)", "decimal(7,2)")]
    [InlineData("sum(status)", "bigint")]
    [InlineData("1 + 1L", "bigint")]
    [InlineData("1F + 1D", "double")]
    [InlineData("coalesce(1, 2.5)", "decimal(11,1)")]
    [InlineData("coalesce(1, '2')", "bigint")]
    [InlineData("date - date", "interval day")]
    [InlineData("timestamp - timestamp", "interval day to second")]
    [InlineData("date + INTERVAL 1 HOUR", "timestamp")]
    [InlineData("date + INTERVAL '1' DAY", "date")]
    [InlineData("NULL", "void")]
    public void Types_follow_sparks_rules(string expression, string type) =>
        Assert.Equal(type, SampleTable.Analyze($"SELECT {expression} AS x FROM delta_lake.logs").Columns[0].Type.SimpleString);

    [Theory]
    [InlineData("SELECT nope FROM delta_lake.logs", "UNRESOLVED_COLUMN.WITH_SUGGESTION", 7, 4)]
    [InlineData("SELECT * FROM delta_lake.nothing", "TABLE_OR_VIEW_NOT_FOUND", 14, 18)]
    [InlineData("SELECT nosuchfunc(id) FROM delta_lake.logs", "UNRESOLVED_ROUTINE", 7, 10)]
    [InlineData("SELECT level, status, count(*) FROM delta_lake.logs GROUP BY level", "MISSING_AGGREGATION", 14, 6)]
    [InlineData("SELECT id FROM delta_lake.logs WHERE tags = 1", "DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES", 37, 8)]
    [InlineData("SELECT id FROM delta_lake.logs WHERE status + 1", "DATATYPE_MISMATCH.FILTER_NOT_BOOLEAN", 37, 10)]
    [InlineData("SELECT substring('abc')", "WRONG_NUM_ARGS.WITHOUT_SUGGESTION", 7, 16)]
    public void A_fault_has_sparks_class_and_its_place(string sql, string errorClass, int start, int length)
    {
        var failure = SampleTable.Error(sql);
        Assert.Equal(errorClass, failure.ErrorClass);
        Assert.Equal((start, length), (failure.Start, failure.Length));
    }

    [Fact]
    public void A_misspelt_column_comes_with_what_was_meant() => Assert.Equal("status", SampleTable.Error("SELECT statuss FROM delta_lake.logs").Suggestions[0]);

    [Fact]
    public void A_real_column_beats_a_lateral_alias_of_the_same_name() =>
        Assert.Equal(["bigint", "int"], SampleTable.Analyze("SELECT id + 1 AS status, status + 1 AS x FROM delta_lake.logs").Columns.Select(column => column.Type.SimpleString));

    [Fact]
    public void Using_shows_the_key_once_and_first() =>
        Assert.Equal(["k", "a", "b"], SampleTable.Analyze("SELECT * FROM VALUES (1, 2) AS x(a, k) FULL JOIN VALUES (3, 4) AS y(b, k) USING (k)").Columns.Select(column => column.Name));
}
