using Apache.Arrow;

namespace LogPipeline.Spark.Query;

/// <summary>The rows of an answer, up to its limits.</summary>
/// <param name="maxRows">Rows at most.</param>
/// <param name="maxBytes">Bytes of Arrow data at most.</param>
internal sealed class RowLimit(int maxRows, long maxBytes)
{
    private readonly List<RecordBatch> batches = [];
    private int count;
    private long bytes;

    /// <summary>Rows at most.</summary>
    public int MaxRows => maxRows;

    /// <summary>The rows.</summary>
    public IReadOnlyList<RecordBatch> Batches => batches;

    /// <summary>Whether there were more.</summary>
    public bool IsTruncated { get; private set; }

    /// <summary>Takes what fits.</summary>
    /// <param name="more">The next batches.</param>
    /// <param name="size">Bytes that they hold on to.</param>
    /// <returns>Whether more may come.</returns>
    public bool Take(IEnumerable<RecordBatch> more, int size)
    {
        foreach (var batch in more)
        {
            var room = maxRows - count;
            IsTruncated |= batch.Length > room || (batch.Length > 0 && bytes >= maxBytes);
            if (IsTruncated && (room == 0 || bytes >= maxBytes))
            {
                return false;
            }

            if (batch.Length > 0)
            {
                batches.Add(batch.Length > room ? batch.Slice(0, room) : batch);
                count += Math.Min(room, batch.Length);
            }
        }

        bytes += size;
        return !IsTruncated;
    }
}
