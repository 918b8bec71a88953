using LogPipeline.Core.Query;
using Xunit;

namespace LogPipeline.Tests.Query.SparkSql;

/// <summary>What is not answered here is refused by name before any engine sees it.</summary>
public sealed class RefusalTests
{
    [Theory]
    [InlineData("DELETE FROM delta_lake.logs")]
    [InlineData("UPDATE delta_lake.logs SET status = 1")]
    [InlineData("INSERT INTO delta_lake.logs VALUES (1)")]
    [InlineData("MERGE INTO delta_lake.logs USING x ON true WHEN MATCHED THEN DELETE")]
    [InlineData("CREATE TABLE t (a INT)")]
    [InlineData("DROP TABLE delta_lake.logs")]
    [InlineData("ALTER TABLE delta_lake.logs ADD COLUMN x INT")]
    [InlineData("TRUNCATE TABLE delta_lake.logs")]
    [InlineData("COPY delta_lake.logs TO '/tmp/x.parquet'")]
    [InlineData("ATTACH '/tmp/x.db'")]
    [InlineData("INSTALL httpfs")]
    [InlineData("LOAD httpfs")]
    [InlineData("PRAGMA database_list")]
    [InlineData("SET TimeZone = 'UTC'")]
    [InlineData("RESET ALL")]
    [InlineData("CALL pragma_version()")]
    [InlineData("VACUUM delta_lake.logs")]
    [InlineData("OPTIMIZE delta_lake.logs")]
    [InlineData("SELECT * FROM read_parquet('/etc/passwd')")]
    [InlineData("SELECT * FROM read_csv('/etc/passwd')")]
    [InlineData("SELECT * FROM glob('/*')")]
    [InlineData("SELECT * FROM parquet.`/tmp/x`")]
    [InlineData("SELECT * FROM delta_lake.logs VERSION AS OF 1")]
    [InlineData("SELECT * FROM delta_lake.logs TABLESAMPLE (10 PERCENT)")]
    [InlineData("FROM delta_lake.logs |> LIMIT 1")]
    [InlineData("SELECT level FROM delta_lake.logs GROUP BY ROLLUP (level)")]
    [InlineData("SELECT * FROM (SELECT level, id FROM delta_lake.logs) PIVOT (count(id) FOR level IN ('INFO'))")]
    [InlineData("SELECT tag FROM delta_lake.logs LATERAL VIEW explode(tags) t AS tag")]
    [InlineData("SELECT approx_count_distinct(ip) FROM delta_lake.logs")]
    [InlineData("SELECT rand() FROM delta_lake.logs")]
    [InlineData("SELECT window.start FROM delta_lake.logs GROUP BY window(timestamp, '1 hour')")]
    [InlineData("SELECT java_method('java.lang.System', 'exit', 0)")]
    [InlineData("SHOW FUNCTIONS")]
    [InlineData("DESCRIBE EXTENDED delta_lake.logs")]
    public void It_is_named_as_what_only_spark_answers(string sql)
    {
        var failure = SampleTable.Error(sql);
        Assert.Equal(QueryException.UnsupportedClass, failure.ErrorClass);
        Assert.EndsWith("is not answered by the embedded engine; Spark answers it.", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SELECT * FROM '/etc/passwd'", "PARSE_SYNTAX_ERROR")]
    [InlineData("SELECT 1; DROP TABLE delta_lake.logs", "PARSE_SYNTAX_ERROR")]
    [InlineData("SELECT getenv('PATH')", "UNRESOLVED_ROUTINE")]
    [InlineData("SELECT read_text('/etc/passwd')", "UNRESOLVED_ROUTINE")]
    [InlineData("SELECT * FROM duckdb_settings", "TABLE_OR_VIEW_NOT_FOUND")]
    [InlineData("SELECT * FROM information_schema.tables", "TABLE_OR_VIEW_NOT_FOUND")]
    [InlineData("GRANT SELECT ON TABLE delta_lake.logs TO bob", "INVALID_STATEMENT_OR_CLAUSE")]
    [InlineData("SUMMON demons", "PARSE_SYNTAX_ERROR")]
    public void What_spark_does_not_know_is_wrong_here_too(string sql, string errorClass) => Assert.Equal(errorClass, SampleTable.Error(sql).ErrorClass);
}
