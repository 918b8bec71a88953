using System.Net.Sockets;
using LogPipeline.Tests.Spark.Broker;
using LogPipeline.Web.CommandLine;
using Xunit;

namespace LogPipeline.Tests.EndToEnd;

/// <summary>A machine without Java, Spark or Kafka: whoever asks for them reads what to install, and whoever does not misses nothing.</summary>
public sealed class MissingEnginesTests : IDisposable
{
    private const string GetJava = "install Java 17 (Debian and Ubuntu: apt-get install openjdk-17-jre-headless";
    private const string GetSpark = "unpack a Spark 4 distribution (https://spark.apache.org/downloads.html) and set SPARK_HOME to its folder";
    private readonly TestFolder folder = new();

    /// <summary>The environment with nothing but .NET.</summary>
    private string[] Bare
    {
        get
        {
            var programs = Directory.CreateDirectory(folder.PathOf("bin")).FullName;
            var link = Path.Combine(programs, "dotnet");
            if (!File.Exists(link))
            {
                File.CreateSymbolicLink(link, Dotnet());
            }

            return ["env", "-u", "JAVA_HOME", "-u", "SPARK_HOME", "-u", "KAFKA_HOME", $"PATH={programs}"];
        }
    }

    [Fact]
    public async Task The_embedded_product_starts_stores_and_answers_without_any_of_them()
    {
        await using var host = await HostProcess.StartAsync(Bare, "serve", folder.PathOf("data"));
        using (var sent = await host.PostAsync("{\"message\":\"one\"}\n", TestContext.Current.CancellationToken))
        {
            Assert.True(sent.IsSuccessStatusCode);
        }

        Assert.Equal(ExitCodes.Done, await host.InterruptAsync());
        var (code, output, messages) = await HostProcess.RunAsync(Bare, ["query", "SELECT count(*) AS n FROM delta_lake.logs", "--format", "csv", "--data", folder.PathOf("data")]);
        Assert.Equal((ExitCodes.Done, "n\r\n1\r\n"), (code, output));
        Assert.Equal("", messages);
    }

    [Fact]
    public async Task Spark_without_java_and_spark_names_both() => await AssertRefusedAsync(["Engine=Spark"], GetJava, GetSpark, "Engine=Embedded needs neither");

    [Fact]
    public async Task Spark_as_the_query_engine_alone_names_both_too() => await AssertRefusedAsync(["Query:Engine=Spark"], GetJava, GetSpark);

    [Fact]
    public async Task Spark_without_java_names_java_alone()
    {
        var home = RealSpark.Options().Home;
        var messages = await AssertRefusedAsync(["Engine=Spark", $"Spark:Home={home}"], GetJava);
        Assert.DoesNotContain(GetSpark, messages, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kafka_that_does_not_answer_is_named_with_its_address_and_the_ways_out()
    {
        using var closed = new TcpListener(System.Net.IPAddress.Loopback, 0);
        closed.Start();
        var address = closed.LocalEndpoint.ToString()!;
        closed.Stop();
        var (code, _, messages) = await ServeAsync("Broker=Kafka", $"Kafka:Brokers={address}", "Kafka:ConnectTimeout=2s");
        Assert.Equal(ExitCodes.Failed, code);
        Assert.Contains($"No Kafka broker answers at {address} (LogPipeline:Kafka:Brokers)", messages, StringComparison.Ordinal);
        Assert.Contains("docker compose --profile kafka up -d, or bin/kafka-server-start.sh of a Kafka distribution", messages, StringComparison.Ordinal);
        Assert.Contains("set LogPipeline:Broker to Embedded, which needs none", messages, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", messages, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Dispose();

    private static string Dotnet() => Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator)
        .Select(one => Path.Combine(one, "dotnet")).Where(File.Exists).Select(one => new FileInfo(one).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? one).First();

    private async Task<string> AssertRefusedAsync(string[] settings, params string[] says)
    {
        var (code, output, messages) = await ServeAsync(settings);
        Assert.Equal((ExitCodes.Usage, ""), (code, output));
        Assert.All(says, one => Assert.Contains(one, messages, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", messages, StringComparison.Ordinal);
        return messages;
    }

    private Task<(int Code, string Output, string Messages)> ServeAsync(params string[] settings) =>
        HostProcess.RunAsync(Bare, ["serve", "--port", "0", "--data", folder.PathOf("data"), .. settings.SelectMany(setting => (string[])["--set", setting])]);
}
