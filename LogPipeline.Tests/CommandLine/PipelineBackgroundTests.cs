using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using LogPipeline.Core.DataFolders;
using LogPipeline.Tests.EndToEnd;
using LogPipeline.Web.CommandLine;
using Xunit;

namespace LogPipeline.Tests.CommandLine;

/// <summary>The real program: a host in the background by <c>pipeline start</c>, <c>status</c> and <c>stop</c>.</summary>
public sealed class PipelineBackgroundTests
{
    [Fact]
    public async Task Start_returns_when_it_is_ready_status_tells_of_it_and_stop_drains_it()
    {
        using var folder = new TestFolder();
        var (code, output, messages) = await RunAsync(folder, "start", "--port", "0", "--rate", "200");
        try
        {
            Assert.True(code == ExitCodes.Done, messages);
            Assert.Contains("runs in the background", output, StringComparison.Ordinal);
            Assert.Contains("200 made-up events/s", output, StringComparison.Ordinal);
            var owner = DataFolder.FindOwner(folder.Path)!;
            Assert.Contains(owner.Url!, output, StringComparison.Ordinal);
            Assert.Contains("Lake:DrainTimeout=45s", await File.ReadAllTextAsync($"/proc/{owner.ProcessId}/cmdline", TestContext.Current.CancellationToken), StringComparison.Ordinal);
            using (var http = new HttpClient { BaseAddress = new Uri(owner.Url!) })
            {
                Assert.Equal("pong", await http.GetStringAsync(new Uri("/ping", UriKind.Relative), TestContext.Current.CancellationToken));
            }

            (code, output, _) = await HostProcess.RunAsync("pipeline", "--action", "start", "--data", folder.Path, "--port", "0");
            Assert.Equal(ExitCodes.Done, code);
            Assert.Contains($"already runs, process {owner.ProcessId}", output, StringComparison.Ordinal);

            using var status = JsonDocument.Parse((await RunAsync(folder, "status", "--json")).Output);
            Assert.Equal((true, owner.ProcessId), (status.RootElement.GetProperty("running").GetBoolean(), status.RootElement.GetProperty("processId").GetInt32()));
            Assert.Equal(("embedded", "embedded"), (status.RootElement.GetProperty("broker").GetString(), status.RootElement.GetProperty("engine").GetString()));
            var stream = Assert.Single(status.RootElement.GetProperty("streams").EnumerateArray());
            Assert.Equal(("web-logs", "following"), (stream.GetProperty("name").GetString(), stream.GetProperty("writer").GetProperty("state").GetString()));
            Assert.Contains("web-logs   following", (await RunAsync(folder, "status")).Output, StringComparison.Ordinal);
            await UntilStoredAsync(folder, atLeast: 1);

            (code, output, messages) = await HostProcess.RunAsync("pipeline", "--action=stop", "--data", folder.Path);
            Assert.Equal((ExitCodes.Done, ""), (code, messages));
            Assert.Contains($"Process {owner.ProcessId} ended", output, StringComparison.Ordinal);
            Assert.Null(DataFolder.FindOwner(folder.Path));
            Assert.Contains("Stream web-logs drained", await File.ReadAllTextAsync(folder.PathOf("state/host.log"), TestContext.Current.CancellationToken), StringComparison.Ordinal);

            (code, output, _) = await RunAsync(folder, "status", "--json");
            Assert.Equal((ExitCodes.Failed, "{\"running\":false}"), (code, output.Trim()));
            (code, _, messages) = await RunAsync(folder, "stop");
            Assert.Equal(ExitCodes.Done, code);
            Assert.Contains("Nothing runs", messages, StringComparison.Ordinal);
        }
        finally
        {
            End(folder);
        }
    }

    [Fact]
    public async Task A_host_that_was_killed_is_started_again_without_made_up_traffic()
    {
        using var folder = new TestFolder();
        try
        {
            Assert.Equal(ExitCodes.Done, (await RunAsync(folder, "start", "--port", "0", "--no-generator")).ExitCode);
            End(folder);
            Assert.Equal(ExitCodes.Failed, (await RunAsync(folder, "status")).ExitCode);
            var (code, output, _) = await RunAsync(folder, "start", "--port", "0", "--no-generator", "--json");
            Assert.Equal(ExitCodes.Done, code);
            using var started = JsonDocument.Parse(output);
            Assert.True(started.RootElement.GetProperty("started").GetBoolean());
            Assert.Equal(folder.Path, started.RootElement.GetProperty("addresses").GetProperty("data").GetString());
            Assert.True(File.Exists(folder.PathOf("state/host.log.1")));
            Assert.Equal(["n", "0"], await HostProcess.QueryAsync(folder.Path, "SELECT count(*) AS n FROM delta_lake.logs"));
        }
        finally
        {
            End(folder);
        }
    }

    [Fact]
    public async Task A_host_that_cannot_start_is_told_with_its_last_lines()
    {
        using var folder = new TestFolder();
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        var (code, output, messages) = await RunAsync(folder, "start", "--port", port);
        Assert.Equal((ExitCodes.Failed, ""), (code, output));
        Assert.Contains($"port {port} is in use", messages, StringComparison.Ordinal);

        (code, _, messages) = await RunAsync(folder, "start", "--set", "Http:Prot=1");
        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains("Http:Prot", messages, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_of_a_process_that_serves_nothing_is_left_alone()
    {
        using var folder = new TestFolder();
        var acquisition = DataFolder.Acquire(folder.Path, new FolderOwner(Environment.ProcessId, null, null));
        using var held = Assert.IsType<FolderAcquisition.Acquired>(acquisition).Folder;
        foreach (var verb in (string[])["start", "status", "stop"])
        {
            var (code, output, messages) = await RunAsync(folder, verb);
            Assert.Equal((ExitCodes.FolderOwned, ""), (code, output));
            Assert.Contains($"process {Environment.ProcessId}", messages, StringComparison.Ordinal);
        }
    }

    private static Task<(int ExitCode, string Output, string Messages)> RunAsync(TestFolder folder, string verb, params string[] more) =>
        HostProcess.RunAsync(["pipeline", verb, "--data", folder.Path, .. more]);

    private static async Task UntilStoredAsync(TestFolder folder, int atLeast)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (int.Parse((await HostProcess.QueryAsync(folder.Path, "SELECT count(*) AS n FROM delta_lake.logs"))[1], CultureInfo.InvariantCulture) < atLeast)
        {
            patience.Token.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Kills what still runs on the folder.</summary>
    private static void End(TestFolder folder)
    {
        if (DataFolder.FindOwner(folder.Path) is not { } owner || owner.ProcessId == Environment.ProcessId)
        {
            return;
        }

        using var process = Process.GetProcessById(owner.ProcessId);
        process.Kill();
        while (DataFolder.FindOwner(folder.Path) is not null)
        {
            Thread.Yield();
        }
    }
}
