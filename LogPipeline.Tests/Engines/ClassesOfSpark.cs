using Xunit;

namespace LogPipeline.Tests.Engines;

/// <summary>Before the tests that run alone, most of which start a Spark of their own: what the shared one has loaded is theirs too.</summary>
public sealed class ClassesOfSpark(SparkConnectServer shared) : IAsyncLifetime
{
    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => await shared.ShareClassesAsync();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
