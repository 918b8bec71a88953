using System.Diagnostics;
using LogPipeline.Web.CommandLine;
using Xunit;

namespace LogPipeline.Tests.CommandLine;

/// <summary>Real processes: what signals and locks do cannot be seen in one.</summary>
public sealed class ServeProcessTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("logpipeline-serve-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Serve_says_where_it_is_and_ctrl_c_ends_it_in_time()
    {
        using var serve = Start("serve", "--port", "0", "--data", folder);
        var line = await serve.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        Assert.StartsWith("LogPipeline 0.1.0 on http://", line, StringComparison.Ordinal);
        using var second = Start("serve", "--port", "0", "--data", folder);
        var error = await second.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await second.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(ExitCodes.FolderOwned, second.ExitCode);
        Assert.Contains($"process {serve.Id} at {line!.Split(' ')[3]}", error, StringComparison.Ordinal);
        var clock = Stopwatch.StartNew();
        using var kill = Process.Start("kill", ["-INT", serve.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await serve.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"took {clock.Elapsed}");
        Assert.Equal(ExitCodes.Done, serve.ExitCode);
    }

    private static Process Start(params string[] arguments)
    {
        var assembly = typeof(LogPipelineCommand).Assembly.Location;
        return Process.Start(new ProcessStartInfo("dotnet", [assembly, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
    }
}
