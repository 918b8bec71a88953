using System.IO.Compression;
using System.Net;
using LogPipeline.Spark.Broker;
using LogPipeline.Tests.EndToEnd;
using Xunit;

namespace LogPipeline.Tests.Spark.Broker;

/// <summary>A real Connect server as a child: it answers only to its token, on loopback only, and never outlives who started it.</summary>
public sealed class SparkServerProcessTests(ITestOutputHelper output) : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_server_asks_for_its_token_binds_loopback_keeps_secrets_and_ends_when_told()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(RealSpark.Patience);
        var options = RealSpark.Options();
        options.UiEnabled = true;
        options.Jars.Add(StaticPages());
        options.Conf["spark.hadoop.some.secret"] = "a \"quoted\\ secret\"";
        await using var server = Start(options);
        var id = await server.ProcessIdAsync(patience.Token);
        Assert.Equal(0, await RawConnectCall.WaitAsync(server.Port, server.Token, server.Exited, patience.Token));
        const int unauthenticated = 16;
        Assert.Equal(unauthenticated, await RawConnectCall.StatusAsync(server.Port, token: null, patience.Token));
        Assert.Equal(unauthenticated, await RawConnectCall.StatusAsync(server.Port, "a wrong token", patience.Token));

        using var pages = new HttpClient();
        using var page = await pages.GetAsync(new Uri(server.UiUrl + "/environment/"), patience.Token);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        if (OperatingSystem.IsLinux())
        {
            var listening = Processes.Listening(id);
            Assert.Contains(listening, one => one.Port == server.Port);
            Assert.All(listening, one => Assert.True(IPAddress.IsLoopback(one.Address.IsIPv4MappedToIPv6 ? one.Address.MapToIPv4() : one.Address), one.ToString()));
            var command = await File.ReadAllTextAsync($"/proc/{id}/cmdline", patience.Token);
            Assert.DoesNotContain(server.Token, command, StringComparison.Ordinal);
            Assert.DoesNotContain("secret", command, StringComparison.Ordinal);
            Assert.Contains(SparkServerCommand.MainClass, command, StringComparison.Ordinal);
            var files = new SparkServerFolder(folder.Path);
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(files.Arguments));
        }

        await server.StopAsync();
        output.WriteLine(string.Join('\n', server.Log.Last));
        Assert.False(Processes.IsRunning(id));
    }

    [Fact]
    public async Task A_server_that_is_killed_is_noticed_and_its_port_may_be_taken_again()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(RealSpark.Patience);
        await using var server = Start(RealSpark.Options());
        var id = await server.ProcessIdAsync(patience.Token);
        Processes.Kill(id);
        Assert.Equal(128 + 9, await server.Exited.WaitAsync(patience.Token));
        Assert.False(Processes.IsRunning(id));
    }

    [Fact]
    public async Task A_server_that_cannot_run_says_why()
    {
        var options = RealSpark.Options();
        var installation = RealSpark.Installation(options) with { Jars = folder.Path };
        await using var server = SparkServerProcess.Start(options, SparkMaster.Parse(options.Master)!, installation, new SparkServerFolder(folder.Path), "test");
        Assert.NotEqual(0, await server.Exited.WaitAsync(RealSpark.Patience, TestContext.Current.CancellationToken));
        Assert.Contains(server.Log.Last, line => line.Contains(SparkServerCommand.MainClass, StringComparison.Ordinal));
        Assert.Contains(SparkServerCommand.MainClass, await File.ReadAllTextAsync(new SparkServerFolder(folder.Path).Log, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    /// <summary>The jars of the tests have no pictures and scripts for Spark's own pages, and Spark wants their folder.</summary>
    private string StaticPages()
    {
        var jar = folder.PathOf("pages.jar");
        using var zip = ZipFile.Open(jar, ZipArchiveMode.Create);
        foreach (var part in new[] { "ui", "sql/execution/ui", "sql/streaming/ui", "sql/connect/ui" })
        {
            zip.CreateEntry($"org/apache/spark/{part}/static/");
            zip.CreateEntry($"org/apache/spark/{part}/static/empty.css");
        }

        return jar;
    }

    private SparkServerProcess Start(SparkOptions options) =>
        SparkServerProcess.Start(options, SparkMaster.Parse(options.Master)!, RealSpark.Installation(options), new SparkServerFolder(folder.Path), "test", onLine: output.WriteLine);
}
