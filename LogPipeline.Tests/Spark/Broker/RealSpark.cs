using LogPipeline.Spark.Broker;
using Xunit;

namespace LogPipeline.Tests.Spark.Broker;

/// <summary>The Spark of <c>SPARK_HOME</c>, configured small.</summary>
internal static class RealSpark
{
    /// <summary>Time for a server to start, or for a query, on a machine that others load.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>Options, or a skipped test.</summary>
    public static SparkOptions Options()
    {
        var options = new SparkOptions
        {
            Home = Environment.GetEnvironmentVariable("SPARK_HOME"),
            JavaHome = Environment.GetEnvironmentVariable("JAVA_HOME"),
            Master = "local[2]",
            MemoryBytes = 1L << 30,
            StartTimeout = Patience,
        };
        if (string.IsNullOrEmpty(options.Home))
        {
            Assert.Skip("SPARK_HOME is not set");
        }

        return options;
    }

    /// <summary>The installation, or a failed test that says what is missing.</summary>
    public static SparkInstallation Installation(SparkOptions options)
    {
        var problems = new List<string>();
        return SparkInstallation.Find(options, Environment.GetEnvironmentVariable("PATH"), problems) ?? throw new InvalidOperationException(string.Join('\n', problems));
    }
}
