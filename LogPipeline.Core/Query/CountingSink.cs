using Apache.Arrow;

namespace LogPipeline.Core.Query;

/// <summary>Passes rows on and counts them: what was passed on cannot be taken back.</summary>
internal sealed class CountingSink(IRowSink inner) : IRowSink
{
    /// <summary>Whether anything was passed on.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Rows that were passed on.</summary>
    public long Rows { get; private set; }

    /// <summary>Whether the receiver failed, and not the statement.</summary>
    public bool HasFailed { get; private set; }

    /// <inheritdoc/>
    public ValueTask BeginAsync(IReadOnlyList<QueryColumn> columns, CancellationToken cancellationToken)
    {
        HasBegun = true;
        return PassAsync(() => inner.BeginAsync(columns, cancellationToken));
    }

    /// <inheritdoc/>
    public ValueTask WriteAsync(RecordBatch batch, CancellationToken cancellationToken)
    {
        Rows += batch.Length;
        return PassAsync(() => inner.WriteAsync(batch, cancellationToken));
    }

    private async ValueTask PassAsync(Func<ValueTask> pass)
    {
        try
        {
            await pass().ConfigureAwait(false);
        }
        catch
        {
            HasFailed = true;
            throw;
        }
    }
}
