using Apache.Arrow;

namespace LogPipeline.Core.Query;

/// <summary>Takes the rows of a statement as they come, so that no more of them are held than one batch.</summary>
public interface IRowSink
{
    /// <summary>Called once, before the first batch, or at the end of an answer without rows.</summary>
    ValueTask BeginAsync(IReadOnlyList<QueryColumn> columns, CancellationToken cancellationToken);

    /// <summary>Takes a batch, which is the engine's again when the call has ended.</summary>
    ValueTask WriteAsync(RecordBatch batch, CancellationToken cancellationToken);
}
