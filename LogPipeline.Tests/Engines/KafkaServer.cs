using LogPipeline.Tests.Engines;
using Xunit;

[assembly: AssemblyFixture(typeof(KafkaServer))]

namespace LogPipeline.Tests.Engines;

/// <summary>The one real Kafka broker of a test run; it starts when the first test asks for it. Tests use topics of their own.</summary>
public sealed class KafkaServer : IAsyncDisposable
{
    private readonly SemaphoreSlim turn = new(1);
    private KafkaCluster? shared;

    /// <summary>Folder of a Kafka distribution, or null.</summary>
    public static string? Home { get; } = Environment.GetEnvironmentVariable("KAFKA_HOME") is { Length: > 0 } home ? home : null;

    /// <summary>The shared broker. Skips the test when there is no Kafka on this machine.</summary>
    internal async Task<KafkaCluster> GetAsync()
    {
        await turn.WaitAsync();
        try
        {
            return shared ??= await StartPrivateAsync();
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>A cluster for one test alone, which may break it. Skips the test when there is no Kafka on this machine.</summary>
    internal static Task<KafkaCluster> StartPrivateAsync(int nodes = 1, IReadOnlyDictionary<string, string>? settings = null)
    {
        Assert.SkipWhen(Home is null, "KAFKA_HOME is not set: set it to the folder of a Kafka distribution (its libs/)");
        return KafkaCluster.StartAsync(Home!, nodes, settings);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (shared is not null)
        {
            await shared.DisposeAsync();
        }

        turn.Dispose();
    }
}
