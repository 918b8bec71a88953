using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using LogPipeline.Tests.Engines;
using LogPipeline.Tests.House;
using LogPipeline.Tests.Spark.Broker;
using Xunit;

namespace LogPipeline.Tests.EndToEnd;

/// <summary>The scripts that people are told to run.</summary>
[Collection(Alone.Name)]
public sealed class SampleScriptTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(TestScale.Of(8, 15));
    private static readonly string Script = Repository.PathOf("samples", "kafka-spark", "run.sh");

    [Fact]
    public async Task Kafka_and_spark_pages_rest_sse_and_tables_agree_on_what_an_outside_producer_wrote()
    {
        _ = RealSpark.Options();
        Assert.SkipWhen(KafkaServer.Home is null, "KAFKA_HOME is not set");
        var events = TestScale.Of(10_000, 100_000);
        var (code, said) = await RunAsync([], "--events", events.ToString(CultureInfo.InvariantCulture), "--host", HostProcess.Assembly);
        output.WriteLine(said);
        Assert.Equal(0, code);
        Assert.Contains($"all checks hold: {events} events, exactly once", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_engines_it_says_what_to_install()
    {
        var (code, said) = await RunAsync(new Dictionary<string, string?> { ["KAFKA_HOME"] = "/none", ["SPARK_HOME"] = "/none", ["JAVA_HOME"] = "/none" });
        Assert.Equal(2, code);
        Assert.Contains("Java 17 is missing: install it", said, StringComparison.Ordinal);
        Assert.Contains("KAFKA_HOME is not set to a Kafka distribution", said, StringComparison.Ordinal);
        Assert.Contains("SPARK_HOME is not set to a Spark distribution", said, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Said)> RunAsync(Dictionary<string, string?> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo("bash", [Script, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var script = Process.Start(start)!;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        var said = new ConcurrentQueue<string>();
        script.OutputDataReceived += (_, line) => Keep(line.Data);
        script.ErrorDataReceived += (_, line) => Keep(line.Data);
        script.BeginOutputReadLine();
        script.BeginErrorReadLine();
        try
        {
            await script.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            script.Kill(entireProcessTree: true);
            Assert.Fail($"The script did not end within {Patience}:\n{string.Join('\n', said)}");
        }

        return (script.ExitCode, string.Join('\n', said));

        void Keep(string? line)
        {
            if (line is not null)
            {
                said.Enqueue(line);
            }
        }
    }
}
