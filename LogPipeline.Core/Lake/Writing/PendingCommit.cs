using LogPipeline.Core.EventLog;

namespace LogPipeline.Core.Lake.Writing;

/// <summary>Batches that the next commit will hold. Owned by one task at a time.</summary>
internal sealed class PendingCommit(long startedAt)
{
    private readonly List<EventBatch> batches = [];
    private readonly Dictionary<int, long> last = [];
    private readonly Dictionary<int, long> records = [];

    /// <summary>Time stamp of the first batch.</summary>
    public long StartedAt { get; } = startedAt;

    public IReadOnlyList<EventBatch> Batches => batches;

    /// <summary>The last offset included of each partition.</summary>
    public IReadOnlyDictionary<int, long> Last => last;

    /// <summary>Offsets of each partition that carry a record, or carried one that is lost.</summary>
    public IReadOnlyDictionary<int, long> Records => records;

    /// <summary>Bytes of Arrow columns and raw records.</summary>
    public long Bytes { get; private set; }

    public bool IsEmpty => last.Count == 0;

    public void Add(EventBatch batch)
    {
        batches.Add(batch);
        last[batch.Range.Partition] = batch.Range.Last;
        Count(batch.Range.Partition, batch.Events.Length + batch.Rejected.Count);
        Bytes += BytesOf(batch);
    }

    /// <summary>Passes over positions that hold nothing any more.</summary>
    public void Skip(EventRange gap)
    {
        last[gap.Partition] = gap.Last;
        Count(gap.Partition, gap.Count);
    }

    /// <summary>Gives the batches' buffers back.</summary>
    public void Release()
    {
        foreach (var batch in batches)
        {
            batch.Dispose();
        }

        batches.Clear();
    }

    private void Count(int partition, long count) => records[partition] = records.GetValueOrDefault(partition) + count;

    private static long BytesOf(EventBatch batch)
    {
        long bytes = 0;
        for (var column = 0; column < batch.Events.ColumnCount; column++)
        {
            bytes += BytesOf(batch.Events.Column(column).Data);
        }

        foreach (var record in batch.Rejected)
        {
            bytes += record.Raw.Length;
        }

        return bytes;
    }

    private static long BytesOf(Apache.Arrow.ArrayData data)
    {
        long bytes = 0;
        foreach (var buffer in data.Buffers)
        {
            bytes += buffer.Length;
        }

        foreach (var child in data.Children ?? [])
        {
            bytes += BytesOf(child);
        }

        return bytes;
    }
}
