using System.Globalization;
using LogPipeline.Tests.Engines;
using LogPipeline.Tests.Web;
using LogPipeline.Web.CommandLine;
using LogPipeline.Web.Hosting;
using Xunit;

namespace LogPipeline.Tests.CommandLine;

public sealed class EngineSwitchTests(SparkConnectServer spark) : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("logpipeline-switch-").FullName;

    private string Data => Path.Combine(folder, "logpipeline-data");

    private string Settings => Path.Combine(folder, "appsettings.json");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task While_a_host_runs_the_switch_is_refused_and_names_it()
    {
        await using var host = await RunningHost.StartAsync(Data);
        var (code, output, error) = await RunAsync([], "engine", "switch", "--to", "embedded");
        Assert.Equal((ExitCodes.FolderOwned, ""), (code, output));
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"process {Environment.ProcessId} at {host.Url}"), error, StringComparison.Ordinal);
        Assert.Contains("start it again", error, StringComparison.Ordinal);
        (code, output, _) = await RunAsync([], "engine", "status", "--json");
        Assert.Equal(ExitCodes.Done, code);
        Assert.Contains(host.Url, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everything_that_stands_against_it_is_named_at_once_and_nothing_is_changed()
    {
        await File.WriteAllTextAsync(Path.Combine(folder, ".env"), "LogPipeline__Engine=Embedded\n", TestContext.Current.CancellationToken);
        var (code, output, error) = await RunAsync(new() { ["JAVA_HOME"] = folder, ["SPARK_HOME"] = folder }, "engine", "switch", "--to", "spark");
        Assert.Equal((ExitCodes.Failed, ""), (code, output));
        Assert.Contains("LogPipeline:Engine: .env sets it to Embedded", error, StringComparison.Ordinal);
        Assert.Contains("install Java 17", error, StringComparison.Ordinal);
        Assert.Contains("unpack a Spark 4 distribution", error, StringComparison.Ordinal);
        Assert.Contains("nothing was changed", error, StringComparison.Ordinal);
        Assert.False(File.Exists(Settings));
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_is_named()
    {
        var (code, _, error) = await RunAsync([], "engine", "switch", "--to", "spark", "--set", "Spark:Master=sc://127.0.0.1:9", "--set", "Spark:StartTimeout=5s");
        Assert.Equal(ExitCodes.Failed, code);
        Assert.Contains("127.0.0.1:9", error, StringComparison.Ordinal);
        Assert.False(File.Exists(Settings));
    }

    [Fact]
    public async Task Tables_are_handed_over_there_and_back_and_the_setting_is_written()
    {
        var server = await spark.GetAsync();
        await File.WriteAllTextAsync(Settings, string.Create(CultureInfo.InvariantCulture, $$"""
            {
              // What the operators wrote stays.
              "LogPipeline": { "Query": { "Engine": "Embedded" }, "Spark": { "Master": "sc://127.0.0.1:{{server.Port}}", "Token": "{{server.Token}}", "StartTimeout": "10m" } }
            }
            """), TestContext.Current.CancellationToken);
        await using (var host = await RunningHost.StartAsync(Data))
        {
            using var answer = await host.PostAsync("/api/ingest/web-logs", "{\"status\":200}\n{\"status\":true}\n", "application/x-ndjson");
            Assert.True(answer.IsSuccessStatusCode);
        }

        var (code, output, error) = await RunAsync([], "engine", "switch", "--to", "spark", "--check");
        Assert.True(code == ExitCodes.Done, error);
        Assert.Equal(("", "The tables can be handed over to Spark; nothing was changed."), (output, error.Trim()));
        (code, output, error) = await RunAsync([], "engine", "switch", "--to", "spark");
        Assert.True(code == ExitCodes.Done, error);
        Assert.Contains("logs: Spark goes on behind 0:1 of stream web-logs", output, StringComparison.Ordinal);
        Assert.Contains("// What the operators wrote stays.\n  \"LogPipeline\": { \"Engine\": \"Spark\", \"Query\"", await File.ReadAllTextAsync(Settings, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.StartsWith("engine          Spark", (await RunAsync([], "engine", "status")).Output, StringComparison.Ordinal);

        (code, output, error) = await RunAsync([], "engine", "switch", "--to", "spark");
        Assert.True(code == ExitCodes.Done, error);
        Assert.Contains("says Spark already", output, StringComparison.Ordinal);
        (code, output, error) = await RunAsync([], "engine", "switch", "--to", "embedded");
        Assert.True(code == ExitCodes.Done, error);
        Assert.Contains("\"Engine\": \"Embedded\", \"Query\"", await File.ReadAllTextAsync(Settings, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(Dictionary<string, string> environment, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await LogPipelineCommand.RunAsync(arguments, output, error, new HostArguments { WorkingFolder = folder, Environment = environment }, TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}
