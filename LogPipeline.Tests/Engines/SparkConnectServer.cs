using LogPipeline.Tests.Engines;
using Xunit;

[assembly: AssemblyFixture(typeof(SparkConnectServer))]

namespace LogPipeline.Tests.Engines;

/// <summary>
/// The one real Spark Connect server that all tests of a run share. It starts when a test first asks for it and ends with the run. A test
/// that breaks its server starts one of its own with <see cref="SparkConnectProcess.StartAsync"/>.
/// </summary>
public sealed class SparkConnectServer : IAsyncDisposable
{
    private readonly SemaphoreSlim gate = new(1);
    private SparkConnectProcess? server;

    /// <summary>The server, warm; the test is skipped where SPARK_HOME is not set.</summary>
    public async Task<SparkConnectProcess> GetAsync()
    {
        SparkConnectProcess.SkipUnlessInstalled();
        await gate.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            return server ??= await SparkConnectProcess.StartAsync(recordsClasses: true);
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Lets the servers that start from now on have the classes of this one, when it runs.</summary>
    public Task ShareClassesAsync() => server is null ? Task.CompletedTask : JavaOfTests.ShareClassesAsync(server);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (server is not null)
        {
            await server.DisposeAsync();
        }

        gate.Dispose();
    }
}
