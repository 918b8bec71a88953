namespace LogPipeline.Core.Query.Results;

/// <summary>Writes an answer as text while its rows come.</summary>
public interface IResultRows : IRowSink, IAsyncDisposable
{
    /// <summary>Writes what stands behind the last row.</summary>
    ValueTask CompleteAsync(CancellationToken cancellationToken);
}
