using LogPipeline.Tests.EndToEnd;
using LogPipeline.Web.CommandLine;
using Xunit;

namespace LogPipeline.Tests.CommandLine;

/// <summary>Real processes: what signals and locks do cannot be seen in one.</summary>
public sealed class ServeProcessTests
{
    [Fact]
    public async Task Serve_says_where_it_is_keeps_others_out_and_ctrl_c_ends_it()
    {
        using var folder = new TestFolder();
        await using var host = await HostProcess.StartAsync("serve", folder.Path);

        var (exitCode, output, messages) = await HostProcess.RunAsync("serve", "--port", "0", "--data", folder.Path);
        Assert.Equal((ExitCodes.FolderOwned, ""), (exitCode, output));
        Assert.Contains($"process {host.Id} at http://localhost:{host.Address.Port}", messages, StringComparison.Ordinal);

        Assert.Equal(ExitCodes.Done, await host.InterruptAsync());
        Assert.Contains($"LogPipeline 0.1.0 on http://localhost:{host.Address.Port}", host.Log, StringComparison.Ordinal);
    }
}
