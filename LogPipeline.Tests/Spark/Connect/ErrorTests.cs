using LogPipeline.Spark.Connect;
using LogPipeline.Tests.Engines;
using Xunit;

namespace LogPipeline.Tests.Spark.Connect;

/// <summary>What the client says when Spark reports an error.</summary>
public sealed class ErrorTests(SparkConnectServer server)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_parse_error_has_its_place()
    {
        await using var session = await (await server.GetAsync()).ConnectAsync();
        var error = await Assert.ThrowsAsync<SparkException>(() => session.SqlAsync("SELECT 1,\n  2 +* 3", cancellationToken: Token));
        Assert.Equal("PARSE_SYNTAX_ERROR", error.ErrorClass);
        Assert.Equal("42601", error.SqlState);
        Assert.Equal((2, 8), (error.Line, error.Column));
        Assert.Contains("org.apache.spark.sql.catalyst.parser.ParseException", error.ErrorTypes);
    }

    [Fact]
    public async Task An_unknown_column_is_named_with_its_place()
    {
        await using var session = await (await server.GetAsync()).ConnectAsync();
        var error = await Assert.ThrowsAsync<SparkException>(() => session.SqlAsync("SELECT id,\n  nonsense FROM range(1)", cancellationToken: Token));
        Assert.Equal("UNRESOLVED_COLUMN.WITH_SUGGESTION", error.ErrorClass);
        Assert.Equal("42703", error.SqlState);
        Assert.Equal("`nonsense`", error.MessageParameters["objectName"]);
        Assert.Equal((2, 3), (error.Line, error.Column));
        Assert.Equal("nonsense", Assert.Single(error.QueryContexts).Fragment);
    }

    [Fact]
    public async Task A_runtime_error_has_its_class_and_place()
    {
        await using var session = await (await server.GetAsync()).ConnectAsync();
        var frame = await session.SqlAsync("SELECT 1 / (id - 3) FROM range(9)", cancellationToken: Token);
        var error = await Assert.ThrowsAsync<SparkException>(() => frame.CountRowsAsync(Token));
        Assert.Equal("DIVIDE_BY_ZERO", error.ErrorClass);
        Assert.Equal("22012", error.SqlState);
        Assert.Equal((1, 8), (error.Line, error.Column));
    }

    [Fact]
    public async Task A_message_longer_than_a_trailer_comes_whole()
    {
        await using var session = await (await server.GetAsync()).ConnectAsync();
        var text = new string('x', 5_000) + "the end";
        var frame = await session.SqlAsync($"SELECT raise_error('{text}')", cancellationToken: Token);
        var error = await Assert.ThrowsAsync<SparkException>(() => frame.CountRowsAsync(Token));
        Assert.Contains(text, error.Message, StringComparison.Ordinal);
        Assert.Equal("USER_RAISED_EXCEPTION", error.ErrorClass);
    }

    [Fact]
    public async Task A_wrong_token_is_refused()
    {
        var spark = await server.GetAsync();
        var remote = spark.Remote.Replace(spark.Token, "wrong", StringComparison.Ordinal);
        var error = await Assert.ThrowsAsync<SparkConnectionException>(() => SparkSession.Builder().Remote(remote).CreateAsync(Token));
        Assert.True(error.IsUnauthenticated);
    }
}
