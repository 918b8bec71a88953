using LogPipeline.Core.EventLog;

namespace LogPipeline.Core.Live.Recent;

/// <summary>One offset for each partition; partitions are few and numbered from 0.</summary>
internal sealed class RingPlaces
{
    private const long None = long.MinValue;
    private long[] offsets = [];

    public RingPlaces(IEnumerable<EventPosition> positions)
    {
        foreach (var position in positions)
        {
            Set(position);
        }
    }

    /// <summary>The partitions that have an offset, in order.</summary>
    public IReadOnlyList<EventPosition> All =>
        [.. offsets.Select((offset, partition) => new EventPosition(partition, offset)).Where(position => position.Offset != None)];

    /// <summary>The offset of a partition, or null.</summary>
    public long? Of(int partition) => (uint)partition < (uint)offsets.Length && offsets[partition] != None ? offsets[partition] : null;

    /// <summary>Moves a partition to an offset.</summary>
    public void Set(EventPosition position)
    {
        Reserve(position.Partition);
        offsets[position.Partition] = position.Offset;
    }

    /// <summary>Moves a partition on to an offset; false when it is there or beyond already.</summary>
    public bool TryMove(EventPosition position)
    {
        Reserve(position.Partition);
        if (position.Offset <= offsets[position.Partition])
        {
            return false;
        }

        offsets[position.Partition] = position.Offset;
        return true;
    }

    private void Reserve(int partition)
    {
        if ((uint)partition >= (uint)offsets.Length)
        {
            var before = offsets.Length;
            System.Array.Resize(ref offsets, partition + 1);
            offsets.AsSpan(before).Fill(None);
        }
    }
}
