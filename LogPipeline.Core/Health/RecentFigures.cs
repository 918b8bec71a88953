using LogPipeline.Core.Lake;

namespace LogPipeline.Core.Health;

/// <summary>The last looks at what grows and shrinks, for small charts. Used by one thread at a time.</summary>
internal sealed class RecentFigures
{
    private const int Looks = 60;

    private readonly Queue<long> waiting = new();
    private readonly Queue<TableWriterFigures> batches = new();
    private DateTimeOffset latest;

    /// <summary>Records that no table held, at each look, oldest first.</summary>
    public IReadOnlyList<long> Waiting => [.. waiting];

    /// <summary>Batches of the writer, oldest first; of several between two looks the last one.</summary>
    public IReadOnlyList<TableWriterFigures> Batches => [.. batches];

    /// <summary>Takes a look.</summary>
    public void Add(long inFlight, TableWriterFigures? batch)
    {
        Keep(waiting, inFlight);
        if (batch is not null && batch.CommittedAt > latest)
        {
            latest = batch.CommittedAt;
            Keep(batches, batch);
        }
    }

    private static void Keep<T>(Queue<T> queue, T one)
    {
        queue.Enqueue(one);
        if (queue.Count > Looks)
        {
            queue.Dequeue();
        }
    }
}
