using DuckDB.NET.Data;
using LogPipeline.Core.Query.DuckDb.Engine;
using Xunit;

namespace LogPipeline.Tests.Query.DuckDb;

/// <summary>The second wall: what a locked instance refuses even when SQL that we did not generate would reach it.</summary>
public sealed class SandboxTests(DuckDbSession session) : IClassFixture<DuckDbSession>
{
    [Theory]
    [InlineData("SELECT * FROM read_text('/etc/passwd')")]
    [InlineData("SELECT * FROM read_csv('/etc/passwd')")]
    [InlineData("SELECT * FROM read_blob('/proc/self/environ')")]
    [InlineData("SELECT * FROM read_parquet('/etc/passwd')")]
    [InlineData("SELECT * FROM '/etc/passwd'")]
    [InlineData("SELECT * FROM '/etc/passwd.csv'")]
    [InlineData("SELECT * FROM glob('/etc/*')")]
    [InlineData("SELECT * FROM read_text('{lake}/../secret.txt')")]
    [InlineData("SELECT * FROM read_text('{lake}/link.txt')")]
    [InlineData("COPY (SELECT 1) TO '/tmp/logpipeline-outside.csv'")]
    [InlineData("COPY (SELECT 1) TO '{lake}/../outside.csv'")]
    [InlineData("ATTACH '/tmp/logpipeline-outside.db'")]
    [InlineData("ATTACH ':memory:' AS other; COPY FROM DATABASE memory TO other; EXPORT DATABASE '/tmp/logpipeline-export'")]
    [InlineData("INSTALL httpfs")]
    [InlineData("LOAD httpfs")]
    [InlineData("SELECT * FROM read_csv('https://example.com/x.csv')")]
    [InlineData("SET memory_limit='100GB'")]
    [InlineData("SET enable_external_access=true")]
    [InlineData("SET allowed_directories=['/']")]
    [InlineData("RESET allowed_directories")]
    [InlineData("PRAGMA threads=64")]
    [InlineData("PRAGMA enable_external_access=true")]
    [InlineData("CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')")]
    [InlineData("CREATE PERSISTENT SECRET s (TYPE http, BEARER_TOKEN 'b')")]
    public void A_locked_instance_refuses(string sql)
    {
        File.WriteAllText(Path.Combine(session.LakeRoot, "..", "secret.txt"), "secret");
        var link = Path.Combine(session.LakeRoot, "link.txt");
        if (!File.Exists(link))
        {
            File.CreateSymbolicLink(link, Path.Combine(session.LakeRoot, "..", "secret.txt"));
        }

        using var connection = session.Instance.Connect();
        using var command = connection.CreateCommand();
        command.CommandText = sql.Replace("{lake}", session.LakeRoot, StringComparison.Ordinal);
        Assert.Throws<DuckDBException>(() => command.ExecuteNonQuery());
        Assert.False(File.Exists("/tmp/logpipeline-outside.csv") || File.Exists("/tmp/logpipeline-outside.db") || Directory.Exists("/tmp/logpipeline-export"));
    }

    [Fact]
    public void Settings_agree_with_spark()
    {
        Assert.Equal("Etc/UTC", session.Text("current_setting('TimeZone')"));
        Assert.Equal(true, session.Value("(SELECT list(x ORDER BY x) FROM (VALUES (2), (NULL), (1)) t(x)) IS NOT DISTINCT FROM [NULL, 1, 2]"));
        Assert.Equal(true, session.Value("(SELECT list(x ORDER BY x DESC) FROM (VALUES (2), (NULL), (1)) t(x)) IS NOT DISTINCT FROM [2, 1, NULL]"));
        Assert.Equal(true, session.Value("current_setting('lock_configuration')"));
    }

    [Fact]
    public void A_connection_costs_much_less_than_an_instance()
    {
        var connection = Enumerable.Range(0, 20).Min(_ => TimeOf(() => session.Instance.Connect()));
        var instance = Enumerable.Range(0, 5).Min(_ => TimeOf(() => DuckDbInstance.Open(session.LakeRoot, session.Options)));
        Assert.True(connection * 3 < instance, $"a connection takes {connection}, an instance {instance}");

        static TimeSpan TimeOf(Func<IDisposable> make)
        {
            var started = TimeProvider.System.GetTimestamp();
            using var made = make();
            return TimeProvider.System.GetElapsedTime(started);
        }
    }

    [Fact]
    public void Names_paths_and_texts_are_quoted()
    {
        Assert.Equal("\"a\"\"b\"", DuckDbSql.Identifier("a\"b"));
        Assert.Equal("'it''s'", DuckDbSql.Literal("it's"));
        Assert.Equal("'/x[[]1]/[*].parquet'", DuckDbSql.PathLiteral("/x[1]/*.parquet"));
    }
}
