using Apache.Arrow;
using LogPipeline.Core.Query;

namespace LogPipeline.Spark.Query;

/// <summary>The rows of an answer, up to its limits: held, or passed on as they come.</summary>
/// <param name="maxRows">Rows at most.</param>
/// <param name="maxBytes">Bytes of Arrow data that are held at most.</param>
/// <param name="sink">Takes the rows, of which none are then held.</param>
internal sealed class RowLimit(int maxRows, long maxBytes, CountingSink? sink = null)
{
    private readonly List<RecordBatch> batches = [];
    private long count;
    private long bytes;

    /// <summary>Rows at most.</summary>
    public int MaxRows => maxRows;

    /// <summary>The rows that are held.</summary>
    public IReadOnlyList<RecordBatch> Batches => batches;

    /// <summary>Rows that were passed on.</summary>
    public long Passed => sink?.Rows ?? 0;

    /// <summary>Whether there were more.</summary>
    public bool IsTruncated { get; private set; }

    private bool IsFull => sink is null && bytes >= maxBytes;

    /// <summary>Says what the columns are, before the first rows.</summary>
    public ValueTask BeginAsync(IReadOnlyList<QueryColumn> columns, CancellationToken cancellationToken) =>
        sink is { HasBegun: false } ? sink.BeginAsync(columns, cancellationToken) : ValueTask.CompletedTask;

    /// <summary>Takes what fits.</summary>
    /// <param name="more">The next batches.</param>
    /// <param name="size">Bytes that they hold on to.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether more may come.</returns>
    public async ValueTask<bool> TakeAsync(IEnumerable<RecordBatch> more, int size, CancellationToken cancellationToken)
    {
        foreach (var batch in more)
        {
            var room = maxRows - count;
            IsTruncated |= batch.Length > room || (batch.Length > 0 && IsFull);
            if (IsTruncated && (room == 0 || IsFull))
            {
                return false;
            }

            if (batch.Length > 0)
            {
                await TakeAsync(batch.Length > room ? batch.Slice(0, (int)room) : batch, cancellationToken).ConfigureAwait(false);
                count += Math.Min(room, batch.Length);
            }
        }

        bytes += size;
        return !IsTruncated;
    }

    private ValueTask TakeAsync(RecordBatch batch, CancellationToken cancellationToken)
    {
        if (sink is not null)
        {
            return sink.WriteAsync(batch, cancellationToken);
        }

        batches.Add(batch);
        return ValueTask.CompletedTask;
    }
}
