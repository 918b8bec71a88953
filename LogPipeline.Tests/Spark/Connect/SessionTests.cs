using Apache.Arrow;
using LogPipeline.Spark.Connect;
using LogPipeline.Tests.Engines;
using Xunit;

namespace LogPipeline.Tests.Spark.Connect;

/// <summary>Sessions that the server loses.</summary>
public sealed class SessionTests(SparkConnectServer server)
{
    private static readonly Dictionary<string, string> WithoutDelta = new() { ["spark.sql.extensions"] = "", ["spark.sql.catalog.spark_catalog"] = "builtin" };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_killed_server_loses_the_session_and_the_owner_makes_it_anew()
    {
        await using var spark = await SparkConnectProcess.StartAsync();
        var created = 0;
        await using var session = await SparkSession.Builder().Remote(spark.Remote).Config("spark.sql.shuffle.partitions", "5")
            .OnCreated(async (self, token) =>
            {
                created++;
                await (await self.SqlAsync("SELECT 1 AS one", cancellationToken: token)).CreateOrReplaceTempViewAsync("mine", token);
            })
            .CreateAsync(Token);
        var mine = session.Table("mine");
        Assert.Equal(1, await mine.CountAsync(Token));

        var running = new TaskCompletionSource();
        var options = new ExecuteOptions { Progress = new Reports(progress => _ = progress.InflightTasks > 0 && running.TrySetResult()) };
        var endless = await session.SqlAsync("SELECT max(hash(a.id * b.id)) FROM range(10000000) a CROSS JOIN range(10000000) b", cancellationToken: Token);
        var inFlight = endless.CountRowsAsync(Token, options);
        await Task.WhenAny(running.Task, inFlight);
        await spark.KillAsync();
        await spark.StartAgainAsync();

        var lost = await Assert.ThrowsAsync<SparkSessionLostException>(() => inFlight);
        Assert.Equal(session.SessionId, lost.SessionId);
        await Assert.ThrowsAsync<SparkSessionLostException>(() => session.SqlAsync("SELECT 1", cancellationToken: Token));
        await Assert.ThrowsAsync<SparkSessionLostException>(() => session.PingAsync(Token));
        await Assert.ThrowsAsync<SparkSessionLostException>(() => session.Conf.GetAsync("spark.app.name", Token));

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => session.RecreateAsync(lost.SessionId, Token)));
        Assert.NotEqual(lost.SessionId, session.SessionId);
        Assert.Equal(2, created);
        Assert.Equal(1, await mine.CountAsync(Token));
        Assert.Equal("5", await session.Conf.GetAsync("spark.sql.shuffle.partitions", Token));
    }

    [Fact]
    public async Task A_session_that_the_server_closed_is_lost_too()
    {
        await using var session = await (await server.GetAsync()).ConnectAsync();
        try
        {
            await session.Client.ReleaseSessionAsync(session.Handle, Token);
        }
        catch (SparkException)
        {
            // The test server has no MLlib and trips over it after it closed the session.
        }

        var lost = await Assert.ThrowsAsync<SparkSessionLostException>(() => session.SqlAsync("SELECT 1", cancellationToken: Token));
        Assert.Equal("INVALID_HANDLE.SESSION_CLOSED", lost.ErrorClass);
        await session.RecreateAsync(lost.SessionId, Token);
        Assert.Equal(1, await (await session.SqlAsync("SELECT 1", cancellationToken: Token)).CountAsync(Token));
    }

    [Fact]
    public async Task A_server_that_takes_arguments_gets_them()
    {
        await using var spark = await SparkConnectProcess.StartAsync(WithoutDelta);
        await using var session = await spark.ConnectAsync();
        var named = await session.SqlAsync("SELECT :a + 1, typeof(:b)", new Dictionary<string, object?> { ["a"] = 41, ["b"] = 1.25m }, cancellationToken: Token);
        var row = await named.FirstAsync(Token);
        Assert.Equal(42, ((Int32Array)row.Column(0)).GetValue(0));
        Assert.Equal("decimal(3,2)", ((StringArray)row.Column(1)).GetString(0));
        var positional = await session.SqlAsync("SELECT concat(?, ?)", ["it's ", "?"], cancellationToken: Token);
        Assert.Equal("it's ?", ((StringArray)(await positional.FirstAsync(Token)).Column(0)).GetString(0));
    }

    [Theory]
    [InlineData("sc://localhost", "localhost", 15002, null, false)]
    [InlineData("sc://10.0.0.7:1234/;user_id=ana", "10.0.0.7", 1234, null, false)]
    [InlineData("sc://127.0.0.1:1234/;token=a%3Bb", "127.0.0.1", 1234, "a;b", false)]
    [InlineData("sc://[::1]:1234/;token=t", "[::1]", 1234, "t", false)]
    [InlineData("sc://spark.example/;token=t", "spark.example", 15002, "t", true)]
    [InlineData("sc://spark.example/;token=t;use_ssl=false", "spark.example", 15002, "t", false)]
    [InlineData("sc://spark.example/;use_ssl=true", "spark.example", 15002, null, true)]
    public void An_address_is_read(string text, string host, int port, string? token, bool tls)
    {
        var remote = SparkRemote.Parse(text);
        Assert.Equal((host, port, token, tls), (remote.Host, remote.Port, remote.Token, remote.UsesTls));
        Assert.DoesNotContain("t;", remote.ToString(), StringComparison.Ordinal);
        Assert.Equal($"sc://{host}:{port}", remote.ToString());
    }

    [Theory]
    [InlineData("http://localhost:15002")]
    [InlineData("sc://")]
    [InlineData("sc://host/path")]
    [InlineData("sc://host:1/;token")]
    [InlineData("sc://host:99999")]
    public void What_is_no_address_is_refused(string text)
    {
        Assert.False(SparkRemote.TryParse(text, out _, out var problem));
        Assert.NotEmpty(problem);
    }
}
