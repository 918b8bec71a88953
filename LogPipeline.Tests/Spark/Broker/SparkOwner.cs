using System.Diagnostics;
using System.Globalization;
using LogPipeline.Spark.Broker;
using Xunit;

namespace LogPipeline.Tests.Spark.Broker;

/// <summary>Another process that owns a Spark: this same executable, started for the explicit test of <see cref="SparkOwnerChild"/>.</summary>
internal sealed class SparkOwner : IAsyncDisposable
{
    /// <summary>Names the folder to the child.</summary>
    public const string Variable = "LOGPIPELINE_TESTS_SPARK_OWNER";

    /// <summary>Begins the line that tells the process id of its server.</summary>
    public const string Mark = "spark: ";

    private readonly Process process;

    private SparkOwner(Process process) => this.process = process;

    /// <summary>The process.</summary>
    public int Id => process.Id;

    /// <summary>The process of its server.</summary>
    public int ServerId { get; private set; }

    /// <summary>Starts one and waits for its session.</summary>
    public static async Task<SparkOwner> StartAsync(string folder, CancellationToken cancellationToken)
    {
        var start = StartOf(nameof(SparkOwnerChild.Work));
        start.Environment[Variable] = folder;
        var owner = new SparkOwner(Process.Start(start)!);
        var said = new List<string>();
        while (await owner.process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            said.Add(line);
            if (line.StartsWith(Mark, StringComparison.Ordinal))
            {
                owner.ServerId = int.Parse(line[Mark.Length..], CultureInfo.InvariantCulture);
                return owner;
            }
        }

        throw new InvalidOperationException("The owner has no Spark:\n" + string.Join('\n', said));
    }

    /// <summary>How this executable is started for one of the explicit tests of <see cref="SparkOwnerChild"/>.</summary>
    public static ProcessStartInfo StartOf(string work) =>
        new(Environment.ProcessPath!, ["-explicit", "only", "-method", $"{typeof(SparkOwnerChild).FullName}.{work}", "-noLogo", "-noColor"]) { RedirectStandardInput = true, RedirectStandardOutput = true };

    /// <summary>Kills it with SIGKILL, and nothing else.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        process.Kill(entireProcessTree: false);
        await process.WaitForExitAsync(cancellationToken);
    }

    /// <summary>Ends it as a host ends.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.StandardInput.Close();
            await process.WaitForExitAsync();
        }

        process.Dispose();
    }
}

/// <summary>The work of the process of <see cref="SparkOwner"/>.</summary>
public sealed class SparkOwnerChild
{
    /// <summary>What the child does: it has a session until its input closes.</summary>
    [Fact(Explicit = true)]
    public static async Task Work()
    {
        await using var broker = new TestBroker(Environment.GetEnvironmentVariable(SparkOwner.Variable)!);
        _ = await broker.Broker.GetSessionAsync("owner", TestContext.Current.CancellationToken);
        Console.WriteLine(SparkOwner.Mark + broker.Broker.Status.ProcessId);
        await Console.In.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>A program as the README has it: the process's session, configured by variables alone.</summary>
    [Fact(Explicit = true)]
    public static async Task Show()
    {
        var spark = await SparkBroker.GetSpark("report", TestContext.Current.CancellationToken);
        Assert.Same(spark, await SparkBroker.GetSpark(cancellationToken: TestContext.Current.CancellationToken));
        var answer = await spark.SqlAsync("SELECT 40 + 2 AS answer", cancellationToken: TestContext.Current.CancellationToken);
        await answer.ShowAsync(cancellationToken: TestContext.Current.CancellationToken);
        await SparkBroker.StopSpark();
        Assert.True(spark.IsStopped);
        Console.WriteLine("stopped");
    }
}
