using LogPipeline.Core.EventLog;

namespace LogPipeline.Core.Live.Recent;

/// <summary>Counts the events between two offsets of one partition, where some offsets carry none: rejected records and gaps.</summary>
/// <remarks>Of the runs of such offsets the latest 65,536 are known exactly; before them the count is an estimate.</remarks>
internal sealed class OffsetLedger(long first)
{
    private const int MaxHoles = 65_536;
    private readonly List<(long Start, long Length, long Before)> holes = [];
    private long holeTotal;

    /// <summary>First offset that was read.</summary>
    public long First { get; } = first;

    /// <summary>One past the last offset that was read.</summary>
    public long Next { get; private set; } = first;

    public void Add(EventBatch batch)
    {
        var range = batch.Range;
        AddHole(Next, range.First - Next);
        var next = range.First + (batch.SparseOffsets.IsEmpty ? batch.Events.Length : 0);
        foreach (var offset in batch.SparseOffsets.Span)
        {
            AddHole(next, offset - next);
            next = offset + 1;
        }

        AddHole(next, range.Last + 1 - next);
        Next = Math.Max(Next, range.Last + 1);
    }

    /// <summary>Events with offsets from <paramref name="from"/> to before <paramref name="to"/>. Offsets that were never read count as events.</summary>
    public long EventsBetween(long from, long to) => from >= to ? 0 : to - from - (HolesBefore(to) - HolesBefore(from));

    private void AddHole(long start, long length)
    {
        if (length <= 0)
        {
            return;
        }

        holes.Add((start, length, holeTotal));
        holeTotal += length;
        if (holes.Count > MaxHoles)
        {
            holes.RemoveRange(0, MaxHoles / 2);
        }
    }

    private long HolesBefore(long offset)
    {
        var (low, high) = (0, holes.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (holes[middle].Start < offset)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        if (low == 0)
        {
            return holes.Count == 0 ? 0 : holes[0].Before;
        }

        var (start, length, before) = holes[low - 1];
        return before + Math.Min(length, offset - start);
    }
}
