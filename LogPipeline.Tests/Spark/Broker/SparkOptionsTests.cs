using LogPipeline.Core.Configuration;
using LogPipeline.Spark.Broker;
using LogPipeline.Tests.EndToEnd;
using Microsoft.Extensions.Options;
using Xunit;

namespace LogPipeline.Tests.Spark.Broker;

/// <summary>Whoever lacks Java, Spark or Delta Lake reads all of it at once, and what to install.</summary>
public sealed class SparkOptionsTests : IDisposable
{
    private readonly TestFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Everything_that_is_missing_is_named_with_what_to_install()
    {
        var result = Validate(new SparkOptions { Home = null, JavaHome = folder.PathOf("no-java") });
        Assert.Equal(2, result.Failures!.Count());
        Assert.Contains("LogPipeline:Spark:JavaHome", result.FailureMessage, StringComparison.Ordinal);
        Assert.Contains("apt-get install openjdk-17-jre-headless", result.FailureMessage, StringComparison.Ordinal);
        Assert.Contains("LogPipeline:Spark:Home is not set: unpack a Spark 4 distribution (https://spark.apache.org/downloads.html) and set SPARK_HOME", result.FailureMessage, StringComparison.Ordinal);
        Assert.Contains("Engine=Embedded needs neither", result.FailureMessage, StringComparison.Ordinal);
    }

    [Fact]
    public void The_embedded_engine_asks_for_nothing()
    {
        var host = new PipelineOptions { Engine = EngineKind.Embedded };
        Assert.Same(ValidateOptionsResult.Success, new SparkOptionsValidator(host).Validate(null, new SparkOptions { Master = "nonsense", JavaHome = "/none" }));
    }

    [Fact]
    public void A_connect_server_that_others_run_needs_neither_java_nor_spark() =>
        Assert.True(Validate(new SparkOptions { Master = "sc://spark.example.org:15002/;use_ssl=true", JavaHome = folder.PathOf("no-java") }).Succeeded);

    [Fact]
    public void A_distribution_without_delta_names_the_jars()
    {
        var options = new SparkOptions { Home = Distribution("spark-core_2.13-4.2.0.jar", "spark-connect_2.13-4.2.0.jar"), JavaHome = Java("21.0.2") };
        var result = Validate(options);
        Assert.Contains("(Spark 4.2.0) lacks delta-spark_2.13, delta-storage", Assert.Single(result.Failures!), StringComparison.Ordinal);
    }

    [Fact]
    public void Jars_may_lie_in_a_folder_of_their_own()
    {
        var options = new SparkOptions { Home = Distribution("spark-core_2.13-4.2.0.jar", "spark-connect_2.13-4.2.0.jar"), JavaHome = Java("17.0.15") };
        var delta = Directory.CreateDirectory(folder.PathOf("delta")).FullName;
        File.WriteAllText(Path.Combine(delta, "delta-spark_4.2_2.13-4.4.0.jar"), "");
        File.WriteAllText(Path.Combine(delta, "delta-storage-4.4.0.jar"), "");
        options.Jars.Add(delta);
        var installation = SparkInstallation.Find(options, path: null, []);
        Assert.Equal(("4.2.0", "4.4.0", 17), (installation!.SparkVersion, installation.DeltaVersion, installation.JavaVersion));
    }

    [Theory]
    [InlineData("11.0.2", "4.2.0", "is Java 11, and Spark needs 17 or later")]
    [InlineData("17.0.1", "3.5.1", "holds Spark 3.5.1, and Spark Connect is needed as of Spark 4")]
    public void An_old_one_is_refused(string java, string spark, string message)
    {
        var options = new SparkOptions
        {
            Home = Distribution($"spark-core_2.13-{spark}.jar", $"spark-connect_2.13-{spark}.jar", "delta-spark_2.13-4.4.0.jar", "delta-storage-4.4.0.jar"),
            JavaHome = Java(java),
        };
        Assert.Contains(message, Assert.Single(Validate(options).Failures!), StringComparison.Ordinal);
    }

    [Fact]
    public void All_wrong_values_are_reported_at_once()
    {
        var options = new SparkOptions { Master = "local[x]", MemoryBytes = 1, UiPort = 0, LocalIp = "here", Token = "short", Heartbeat = TimeSpan.Zero };
        options.Conf["log.level"] = "x";
        options.Conf["spark.master"] = "x";
        Assert.Equal(8, Validate(options).Failures!.Count());
    }

    [Theory]
    [InlineData("local")]
    [InlineData("local[*]")]
    [InlineData("local[4]")]
    [InlineData("local[4,2]")]
    [InlineData("spark://a:7077,b:7077")]
    [InlineData("yarn")]
    [InlineData("k8s://https://host:6443")]
    [InlineData("sc://host")]
    [InlineData("sc://host:15002/;token=0123456789abcdef")]
    public void A_master_is_read(string text) => Assert.Equal(text, SparkMaster.Parse(text)!.Text);

    [Theory]
    [InlineData("")]
    [InlineData("local[]")]
    [InlineData("local[0]")]
    [InlineData("spark://host")]
    [InlineData("sc://")]
    [InlineData("sc://me:secret@host")]
    [InlineData("http://host")]
    public void Nonsense_is_no_master(string text) => Assert.Null(SparkMaster.Parse(text));

    [Fact]
    public void A_remote_address_shows_no_token() =>
        Assert.Equal("sc://host:15002", Assert.IsType<SparkMaster.Remote>(SparkMaster.Parse("sc://host/;token=0123456789abcdef")).Address);

    [Fact]
    public void Workers_of_a_cluster_cannot_reach_loopback() =>
        Assert.Contains(
            "the workers of spark://host:7077 cannot reach the server",
            Validate(new SparkOptions { Master = "spark://host:7077" }).FailureMessage,
            StringComparison.Ordinal);

    private static ValidateOptionsResult Validate(SparkOptions options) => new SparkOptionsValidator(new PipelineOptions { Engine = EngineKind.Spark }).Validate(null, options);

    private string Distribution(params string[] jars)
    {
        var home = folder.PathOf("spark");
        var folderOfJars = Directory.CreateDirectory(Path.Combine(home, "jars")).FullName;
        foreach (var jar in jars)
        {
            File.WriteAllText(Path.Combine(folderOfJars, jar), "");
        }

        return home;
    }

    private string Java(string version)
    {
        var home = folder.PathOf("java");
        var bin = Directory.CreateDirectory(Path.Combine(home, "bin")).FullName;
        File.WriteAllText(Path.Combine(bin, OperatingSystem.IsWindows() ? "java.exe" : "java"), "");
        File.WriteAllText(Path.Combine(home, "release"), $"IMPLEMENTOR=\"Somebody\"\nJAVA_VERSION=\"{version}\"\n");
        return home;
    }
}
