using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;
using Xunit;

namespace LogPipeline.Tests.Spark.Broker;

/// <summary>Another process that owns a Spark: the tests' own program, which becomes one when a variable says so.</summary>
internal sealed class SparkOwner : IAsyncDisposable
{
    private const string Variable = "LOGPIPELINE_TESTS_SPARK_OWNER";
    private readonly Process process;

    private SparkOwner(Process process) => this.process = process;

    /// <summary>The process.</summary>
    public int Id => process.Id;

    /// <summary>The process of its server.</summary>
    public int ServerId { get; private set; }

    /// <summary>Starts one and waits for its session.</summary>
    public static async Task<SparkOwner> StartAsync(string folder, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment[Variable] = folder;
        var owner = new SparkOwner(Process.Start(start)!);
        var line = await owner.process.StandardOutput.ReadLineAsync(cancellationToken);
        Assert.True(int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var server), line);
        owner.ServerId = server;
        return owner;
    }

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

    /// <summary>Runs before the tests' own entry point.</summary>
    [ModuleInitializer]
    internal static void BecomeOwner()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder)
        {
            RunAsync(folder).GetAwaiter().GetResult();
            Environment.Exit(0);
        }
    }

    private static async Task RunAsync(string folder)
    {
        await using var broker = new TestBroker(folder);
        try
        {
            _ = await broker.Broker.GetSessionAsync("owner");
            Console.WriteLine(broker.Broker.Status.ProcessId);
        }
        catch (Exception failure)
        {
            Console.WriteLine(failure.Message.ReplaceLineEndings(" "));
        }

        await Console.In.ReadToEndAsync();
    }
}
