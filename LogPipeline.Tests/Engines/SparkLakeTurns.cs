using Xunit;

namespace LogPipeline.Tests.Engines;

/// <summary>
/// Tests that register tables with the shared Spark server take turns: its catalog is one, and <c>delta_lake.logs</c> is one name in it.
/// </summary>
[CollectionDefinition(Name)]
public sealed class SparkLakeTurns
{
    /// <summary>Name of the collection.</summary>
    public const string Name = "spark-lake";

    /// <summary>Forgets the tables of the turn before; their files stay.</summary>
    public static async Task BeginAsync(SparkConnectProcess spark)
    {
        await using var session = await spark.ConnectAsync();
        await session.SqlAsync("DROP SCHEMA IF EXISTS delta_lake CASCADE", cancellationToken: TestContext.Current.CancellationToken);
    }
}
