using LogPipeline.Tests.Web;
using LogPipeline.Web.CommandLine;
using LogPipeline.Web.Hosting;
using Xunit;

namespace LogPipeline.Tests.CommandLine;

public sealed class ImportCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("logpipeline-import-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task The_sample_of_the_test_data_is_taken_in_once_and_its_addresses_are_counted()
    {
        if (Environment.GetEnvironmentVariable("LOGPIPELINE_TESTDATA") is not { Length: > 0 } data)
        {
            Assert.Skip("LOGPIPELINE_TESTDATA is not set");
            return;
        }

        var file = Path.Combine(data, "access-logs", "apache-combined-10k.log");
        var (code, output, _) = await RunAsync("import", file);
        Assert.Equal(ExitCodes.PartlyRejected, code);
        Assert.Contains("9,999 events, 1 rejected", output, StringComparison.Ordinal);
        (code, output, _) = await RunAsync("import", file);
        Assert.Equal(ExitCodes.Done, code);
        Assert.Contains("nothing new", output, StringComparison.Ordinal);
        (_, output, _) = await RunAsync("query", "select count(*), count(distinct ip) from delta_lake.logs", "--format", "csv");
        Assert.Equal("9999,1753", output.Split('\n')[1].Trim());
        (_, output, _) = await RunAsync("query", "select count(*) from delta_lake.dead_letters where reason is not null", "--format", "csv");
        Assert.Equal("1", output.Split('\n')[1].Trim());
        (code, output, _) = await RunAsync("import", file, "--again", "--json");
        Assert.Equal(ExitCodes.PartlyRejected, code);
        Assert.Contains("\"accepted\":9999", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_a_host_running_the_file_goes_through_it()
    {
        await using var host = await RunningHost.StartAsync();
        var file = Path.Combine(folder, "events.ndjson");
        await File.WriteAllTextAsync(file, "{\"endpoint\":\"/a\"}\n{\"endpoint\":\"/b\"}\n", TestContext.Current.CancellationToken);
        var (code, output, error) = await RunAsync("import", file, "--data", host.Folder);
        Assert.Equal((ExitCodes.Done, ""), (code, error));
        Assert.Contains("2 events, 0 rejected", output, StringComparison.Ordinal);
        (_, output, _) = await RunAsync("import", file, "--data", host.Folder);
        Assert.Contains("nothing new", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Generated_traffic_is_the_same_for_a_seed_and_can_be_imported()
    {
        string[] line = ["generate", "--rate", "100", "--duration", "10s", "--seed", "7", "--start", "2026-01-01T00:00:00Z"];
        var (code, output, _) = await RunAsync(line);
        Assert.Equal(ExitCodes.Done, code);
        Assert.Equal(output, (await RunAsync(line)).Output);
        Assert.Equal(1000, output.Count(c => c == '\n'));
        (code, _, _) = await RunAsync([.. line, "--output", "traffic.ndjson"]);
        Assert.Equal(ExitCodes.Done, code);
        (code, output, _) = await RunAsync("import", "traffic.ndjson");
        Assert.Equal(ExitCodes.Done, code);
        Assert.Contains("1,000 events, 0 rejected", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_pipeline_test_finds_exactly_what_it_sent()
    {
        await using var host = await RunningHost.StartAsync();
        var (code, output, error) = await RunAsync("test", "pipeline", "500ms", "--data", host.Folder);
        Assert.True(code == ExitCodes.Done, output + error);
        Assert.Equal(6, output.Split('\n').Count(line => line.StartsWith("ok ", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("import none.log", ExitCodes.Failed)]
    [InlineData("import", ExitCodes.Usage)]
    [InlineData("import x.log --stream none", ExitCodes.Usage)]
    [InlineData("generate --rate 0", ExitCodes.Usage)]
    [InlineData("generate --duration soon", ExitCodes.Usage)]
    [InlineData("demo --input none.log", ExitCodes.Failed)]
    [InlineData("demo --rate -5", ExitCodes.Usage)]
    [InlineData("serve --port 0 --stream none", ExitCodes.Usage)]
    [InlineData("test pipeline soon", ExitCodes.Usage)]
    public async Task A_wrong_line_is_told(string line, int expected)
    {
        var (code, output, error) = await RunAsync(line.Split(' '));
        Assert.Equal((expected, ""), (code, output));
        Assert.NotEmpty(error);
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var process = new HostArguments { WorkingFolder = folder, Environment = new Dictionary<string, string>() };
        var code = await LogPipelineCommand.RunAsync(arguments, output, error, process, TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}
