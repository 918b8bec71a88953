using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace LogPipeline.Tests.Engines;

/// <summary>How Java runs in every process that the tests start.</summary>
internal static class JavaOfTests
{
    private const string Options = "JAVA_TOOL_OPTIONS";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>
    /// A server that lives for minutes on two cores spends most of them on compiling its code for a speed that it never needs: with the first
    /// compiler alone it takes half the processor time to its first batches.
    /// </summary>
    [ModuleInitializer]
    internal static void CompileQuickly() =>
        Environment.SetEnvironmentVariable(Options, $"{Environment.GetEnvironmentVariable(Options)} -XX:TieredStopAtLevel=1".Trim());

    /// <summary>
    /// Keeps the classes that a server has loaded as every Java from now on can map them. Each server of Spark loads some 30,000 of them, which
    /// takes a fifth of what it computes in its first two minutes. A Java that cannot map them, such as Kafka's, loads its own.
    /// </summary>
    public static async Task ShareClassesAsync(SparkConnectProcess server)
    {
        var archive = Path.Combine(server.Folder, "classes.jsa");
        using var jcmd = new Process { StartInfo = new("jcmd", [server.Id.ToString(CultureInfo.InvariantCulture), "VM.cds", "dynamic_dump", archive]) { RedirectStandardOutput = true } };
        try
        {
            jcmd.Start();
        }
        catch (Win32Exception)
        {
            return;
        }

        using var patience = new CancellationTokenSource(Patience);
        try
        {
            _ = await jcmd.StandardOutput.ReadToEndAsync(patience.Token);
            await jcmd.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            jcmd.Kill();
            return;
        }

        if (File.Exists(archive))
        {
            Environment.SetEnvironmentVariable(Options, $"{Environment.GetEnvironmentVariable(Options)} -XX:SharedArchiveFile={archive}");
        }
    }
}
