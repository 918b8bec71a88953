using LogPipeline.Tests.Web;
using LogPipeline.Web.CommandLine;
using LogPipeline.Web.Hosting;
using Xunit;

namespace LogPipeline.Tests.CommandLine;

public sealed class CommandLineTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("logpipeline-cli-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("")]
    [InlineData("sevre")]
    [InlineData("serve --prot 4000")]
    [InlineData("serve --port many")]
    [InlineData("serve extra")]
    [InlineData("query")]
    [InlineData("query a b")]
    [InlineData("query x --format xml")]
    [InlineData("query x --max-rows 0")]
    [InlineData("lake")]
    [InlineData("lake polish")]
    [InlineData("engine")]
    [InlineData("engine switch")]
    [InlineData("engine switch --to flink")]
    [InlineData("lake vacuum --retention soon")]
    [InlineData("lake drain --stream none")]
    [InlineData("pipeline")]
    [InlineData("pipeline polish")]
    [InlineData("pipeline --mode polish")]
    [InlineData("pipeline analytics --limit 0")]
    [InlineData("serve --set Http:Prot=1")]
    [InlineData("serve --bind 0.0.0.0")]
    [InlineData("serve --config none.json")]
    public async Task A_wrong_command_line_is_usage_and_says_so_on_the_error_stream(string line)
    {
        var (code, output, error) = await RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(ExitCodes.Usage, code);
        Assert.Empty(output);
        Assert.NotEmpty(error);
    }

    [Theory]
    [InlineData("--help", "logpipeline demo")]
    [InlineData("serve --help", "Examples:")]
    [InlineData("query --help", "--format")]
    [InlineData("lake --help", "optimize")]
    [InlineData("lake drain --help", "--stream")]
    [InlineData("pipeline --mode analytics --help", "--input-path")]
    [InlineData("engine --help", "switch --to spark")]
    public async Task Help_teaches_on_standard_output(string line, string expected)
    {
        var (code, output, error) = await RunAsync(line.Split(' '));
        Assert.Equal((ExitCodes.Done, ""), (code, error));
        Assert.Contains(expected, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_is_the_products()
    {
        var (code, output, _) = await RunAsync("--version");
        Assert.Equal((ExitCodes.Done, "0.1.0"), (code, output.Trim()));
    }

    [Fact]
    public async Task A_query_needs_a_data_folder()
    {
        var (code, _, error) = await RunAsync("query", "select 1");
        Assert.Equal(ExitCodes.Failed, code);
        Assert.Contains("There is no data folder", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Verbs_that_write_run_inside_the_owner_and_verbs_that_read_beside_it()
    {
        await using var host = await RunningHost.StartAsync();
        await RunningHost.EventuallyAsync(() => Task.FromResult(Directory.Exists(Path.Combine(host.Folder, "lake", "logs", "_delta_log"))), "table logs");
        var (code, output, error) = await RunAsync("lake", "optimize", "logs", "--data", host.Folder);
        Assert.Equal((ExitCodes.Done, ""), (code, error));
        Assert.Contains("files became", output, StringComparison.Ordinal);
        (code, output, error) = await RunAsync("lake", "describe", "--data", host.Folder, "--json");
        Assert.Equal((ExitCodes.Done, ""), (code, error));
        Assert.Contains("\"name\":\"logs\"", output, StringComparison.Ordinal);
        (code, output, _) = await RunAsync("lake", "history", "logs", "--data", host.Folder);
        Assert.Equal(ExitCodes.Done, code);
        Assert.Contains("CREATE TABLE", output, StringComparison.Ordinal);
        (code, _, error) = await RunAsync("lake", "vacuum", "nothing", "--dry-run", "--data", host.Folder);
        Assert.Equal(ExitCodes.Failed, code);
        Assert.Contains("nothing", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_host_on_a_folder_names_the_first()
    {
        await using var host = await RunningHost.StartAsync();
        var (code, _, error) = await RunAsync("serve", "--port", "0", "--data", host.Folder);
        Assert.Equal(ExitCodes.FolderOwned, code);
        Assert.Contains(host.Url, error, StringComparison.Ordinal);
        Assert.Contains($"process {Environment.ProcessId}", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        var (code, _, error) = await RunAsync("serve", "--port", port.ToString(System.Globalization.CultureInfo.InvariantCulture), "--data", "data");
        Assert.Equal(ExitCodes.Failed, code);
        Assert.Contains($"port {port} is in use", error, StringComparison.Ordinal);
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var process = new HostArguments { WorkingFolder = folder, Environment = new Dictionary<string, string>() };
        var code = await LogPipelineCommand.RunAsync(arguments, output, error, process, TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}
