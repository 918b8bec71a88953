using System.Diagnostics;
using LogPipeline.Tests.Engines;
using LogPipeline.Tests.House;
using Xunit;

namespace LogPipeline.Tests.Spark.Connect;

/// <summary>The sample program, as a user runs it.</summary>
public sealed class SampleTests(SparkConnectServer server)
{
    private static readonly string Configuration = Path.GetFileName(Path.GetDirectoryName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar))!);

    [Fact]
    public async Task The_sample_connects_shows_a_delta_table_and_stops()
    {
        var spark = await server.GetAsync();
        await using var session = await spark.ConnectAsync();
        var path = spark.NewFolder() + "/t";
        await (await session.SqlAsync("SELECT id FROM range(7)", cancellationToken: TestContext.Current.CancellationToken)).Write.Format("delta").SaveAsync(path, cancellationToken: TestContext.Current.CancellationToken);
        var (code, output, errors) = await RunAsync(spark.Remote, path);
        Assert.True(code == 0, errors);
        Assert.Contains("only showing top 5 rows", output, StringComparison.Ordinal);
        Assert.Contains("id bigint: 7 rows", output, StringComparison.Ordinal);
        Assert.Contains("An Arrow batch of", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_sample_says_what_is_wrong()
    {
        var spark = await server.GetAsync();
        var (code, _, errors) = await RunAsync(spark.Remote, spark.NewFolder() + "/no-table");
        Assert.Equal(1, code);
        Assert.StartsWith("PATH_NOT_FOUND: ", errors, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        var program = Repository.PathOf("samples", "SparkConnectClient", "bin", Configuration, "net10.0", "SparkConnectClient.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, await errors);
    }
}
