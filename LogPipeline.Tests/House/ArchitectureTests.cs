using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using LogPipeline.Core.EventLog;
using LogPipeline.Spark;
using Xunit;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace LogPipeline.Tests.House;

/// <summary>The dependency rules: projects point one way, stages follow the data, vendor packages stay in their leaf.</summary>
public sealed class ArchitectureTests
{
    private static readonly System.Reflection.Assembly Core = typeof(IEventLog).Assembly;
    private static readonly System.Reflection.Assembly Spark = typeof(SparkEngine).Assembly;
    private static readonly System.Reflection.Assembly Web = System.Reflection.Assembly.Load("LogPipeline.Web");
    private const string SparkClient = "LogPipeline.Spark.Connect.";
    private static readonly Architecture Product = new ArchLoader().LoadAssemblies(Core, Spark, Web).Build();

    [Theory]
    [InlineData("FASTER", "LogPipeline.Core.EventLog.Embedded")]
    [InlineData("Confluent.Kafka", "LogPipeline.Core.EventLog.Kafka")]
    [InlineData("ParquetSharp", "LogPipeline.Core.Lake")]
    [InlineData("DuckDB", "LogPipeline.Core.Query.DuckDb")]
    [InlineData("Avro", "LogPipeline.Core.Streams")]
    [InlineData("Grpc", "LogPipeline.Spark")]
    [InlineData("Google.Protobuf", "LogPipeline.Spark")]
    [InlineData("MudBlazor", "LogPipeline.Web.Components")]
    [InlineData("BlazorMonaco", "LogPipeline.Web.Components")]
    public void A_vendor_package_stays_in_its_leaf(string vendor, string leaf)
    {
        var outsiders = TypesThatUse(vendor).Where(name => !name.StartsWith(leaf, StringComparison.Ordinal)).ToList();
        Assert.True(outsiders.Count == 0, $"Only {leaf} may use {vendor}, but so do {string.Join(", ", outsiders)}");
    }

    [Theory]
    [InlineData("LogPipeline.Core", "LogPipeline.Spark")]
    [InlineData("LogPipeline.Core", "LogPipeline.Web")]
    [InlineData("LogPipeline.Spark", "LogPipeline.Web")]
    [InlineData("LogPipeline.Core.Streams", "LogPipeline.Core.Ingest")]
    [InlineData("LogPipeline.Core.Ingest", "LogPipeline.Core.Live")]
    [InlineData("LogPipeline.Core.Ingest", "LogPipeline.Core.Lake")]
    [InlineData("LogPipeline.Core.Ingest", "LogPipeline.Core.Query")]
    [InlineData("LogPipeline.Core.EventLog", "LogPipeline.Core.Live")]
    [InlineData("LogPipeline.Core.EventLog", "LogPipeline.Core.Lake")]
    [InlineData("LogPipeline.Core.EventLog", "LogPipeline.Core.Query")]
    [InlineData("LogPipeline.Core.Live", "LogPipeline.Core.Lake")]
    [InlineData("LogPipeline.Core.Live", "LogPipeline.Core.Query")]
    [InlineData("LogPipeline.Core.Lake", "LogPipeline.Core.Live")]
    [InlineData("LogPipeline.Core.Lake", "LogPipeline.Core.Query")]
    [InlineData("LogPipeline.Core.Query.SparkSql", "LogPipeline.Core.Query.DuckDb")]
    public void A_part_knows_nothing_of_what_comes_after_it(string part, string later)
    {
        var rule = Types().That().ResideInNamespaceMatching($"^{part}(\\.|$)")
            .Should().NotDependOnAnyTypesThat().ResideInNamespaceMatching($"^{later}(\\.|$)")
            .WithoutRequiringPositiveResults();
        Assert.True(rule.HasNoViolations(Product), string.Join('\n', rule.Evaluate(Product).Where(result => !result.Passed).Select(result => result.Description)));
    }

    [Fact]
    public void The_spark_connect_client_uses_nothing_of_the_product()
    {
        var borrowed = Product.Types
            .Where(type => type.FullName.StartsWith(SparkClient, StringComparison.Ordinal))
            .SelectMany(type => type.Dependencies.Select(dependency => dependency.Target.FullName))
            .Where(name => name.StartsWith("LogPipeline.", StringComparison.Ordinal) && !name.StartsWith(SparkClient, StringComparison.Ordinal))
            .Distinct();
        Assert.Empty(borrowed);
    }

    [Fact]
    public void Only_the_composition_of_the_host_knows_the_spark_project()
    {
        var users = Product.Types
            .Where(type => type.FullName.StartsWith("LogPipeline.Web", StringComparison.Ordinal)
                && type.Dependencies.Any(dependency => dependency.Target.FullName.StartsWith("LogPipeline.Spark", StringComparison.Ordinal)))
            .Select(type => type.FullName)
            .Where(name => !name.StartsWith("LogPipeline.Web.Hosting", StringComparison.Ordinal))
            .ToList();
        Assert.Empty(users);
    }

    private static List<string> TypesThatUse(string vendor) =>
        [.. Product.Types
            .Where(type => type.FullName.StartsWith("LogPipeline.", StringComparison.Ordinal)
                && type.Dependencies.Any(dependency => dependency.Target.FullName.StartsWith(vendor + ".", StringComparison.Ordinal)))
            .Select(type => type.FullName)
            .Order(StringComparer.Ordinal)];
}
